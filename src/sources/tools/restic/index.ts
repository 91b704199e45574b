import type { Tool } from '../tool.ts'
import { backup } from './backup.ts'
import { check } from './check.ts'
import { programOf } from './command.ts'
import { files } from './files.ts'
import { forget } from './forget.ts'
import { init } from './init.ts'
import { locks } from './locks.ts'
import { prune } from './prune.ts'
import { speaksSsh, sshEndsOf } from './rclone.ts'
import { restore } from './restore.ts'
import { sshPlace } from './sftp.ts'
import { snapshots } from './snapshots.ts'
import { stats } from './stats.ts'
import { unlock } from './unlock.ts'
import { loadVersion, versions } from './version.ts'

export const tool: Tool = {
  name: 'restic',
  versions,
  backupLane: 'shared',
  locking: { remove: 'restic unlock', isRenewed: true },
  version: (access, io) => loadVersion(programOf(access), io),
  sshPlace,
  speaksSsh,
  sshEnds: sshEndsOf,
  init,
  backup,
  forget,
  prune,
  check,
  restore,
  snapshots,
  locks,
  stats,
  files,
  unlock,
}
