import { toolContract } from '../contracts/tool.contract.ts'
import { resticUnderTest, versions } from './under-test.ts'

for (const version of versions) toolContract(`restic ${version}`, () => resticUnderTest(version))
