import { toolContract } from '../contracts/tool.contract.ts'
import { borgUnderTest, versions } from './under-test.ts'

for (const version of versions) toolContract(`borg ${version}`, () => borgUnderTest(version))
