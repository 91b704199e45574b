import { placeOfScp } from '../../../system/ssh/place.ts'
import type { Tool } from '../tool.ts'
import { backup } from './backup.ts'
import { check } from './check.ts'
import { programOf } from './command.ts'
import { files } from './files.ts'
import { forget, namesOf } from './forget.ts'
import { init } from './init.ts'
import { locks } from './locks.ts'
import { prune } from './prune.ts'
import { restore } from './restore.ts'
import { stats } from './stats.ts'
import { snapshots, survey } from './survey.ts'
import { unlock } from './unlock.ts'
import { loadVersion, versions } from './version.ts'

export const tool: Tool = {
  name: 'borg',
  versions,
  backupLane: 'exclusive',
  sshPlace: placeOfScp,
  locking: { remove: 'borg break-lock', isRenewed: false },
  retention: { rules: 'borg', namesOf },
  version: (access, io) => loadVersion(programOf(access), io),
  init,
  backup,
  forget,
  prune,
  check,
  restore,
  survey,
  snapshots,
  locks,
  stats,
  files,
  unlock,
}
