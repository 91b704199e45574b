import { toolContract } from '../contracts/tool.contract.ts'
import { rcloneUnderTest, versions } from './under-test.ts'

for (const version of versions)
  toolContract(`rclone ${version}`, () => rcloneUnderTest(version), ['snapshots', 'locks', 'sources'])
