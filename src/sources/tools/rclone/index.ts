import { ok } from '../../../model/problem.ts'
import type { Tool } from '../tool.ts'
import { backup } from './backup.ts'
import { check } from './check.ts'
import { programOf } from './command.ts'
import { files } from './files.ts'
import { forget, keepOf } from './forget.ts'
import { init } from './init.ts'
import { problem } from './problems.ts'
import { restore } from './restore.ts'
import { speaksSsh, sshEndsOf } from './ssh.ts'
import { snapshots, stats, survey } from './survey.ts'
import { loadVersion, versions } from './version.ts'

export const tool: Tool = {
  name: 'rclone',
  versions,
  backupLane: 'exclusive',
  namesTree: true,
  speaksSsh,
  sshEnds: sshEndsOf,
  forgets: (own) => keepOf(own) !== undefined,
  version: (access, io) => loadVersion(programOf(access), io),
  init,
  backup,
  forget,
  // Nothing is left over that no snapshot needs.
  prune: async () => ({ outcome: 'failed', problem: problem('rclone.not-pruned', {}), durationMs: 0 }),
  check,
  restore,
  survey,
  snapshots,
  // A store of files knows no locks; Muster's own lanes keep its runs apart.
  locks: async () => ok([]),
  stats,
  files,
  unlock: async () => ({ outcome: 'ok', durationMs: 0, removed: 0 }),
}
