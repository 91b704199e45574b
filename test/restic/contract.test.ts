import { toolContract } from '../contracts/tool.contract.ts'
import { oldestAndNewest, resticUnderTest } from './under-test.ts'

for (const version of oldestAndNewest) toolContract(`restic ${version}`, () => resticUnderTest(version))
