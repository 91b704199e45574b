/** What may stand behind an alert on a NethServer 8, and what has to be found: outcome and cause, as a person would call them. */
import type { Cause, DiagnosisOutcome } from '../../src/model/diagnosis.ts'
import type { RepositoryState } from './node-of-ns8.ts'

/** Where modules write how they ended: as ns8-backup-monitor assumed, up to core 3.19, from 3.20. */
export type Shape = 'assumed' | 'module' | 'node'

export interface ModuleScene {
  readonly status: 'ok' | 'failed' | 'none'
  /** Minutes before the alert was told. */
  readonly ago?: number
  /** Only where the shape has room for it. */
  readonly error?: string
  readonly repository?: RepositoryState
  readonly node?: string
}

export interface Scene {
  readonly what: string
  readonly shape: Shape
  readonly alert?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly modules: Readonly<Record<string, ModuleScene>>
  readonly planOff?: true
  /** There is no such server. */
  readonly redisGone?: true
  readonly outcome: DiagnosisOutcome
  readonly cause: Cause
}

const shapes: readonly Shape[] = ['assumed', 'module', 'node']
const ok: ModuleScene = { status: 'ok', ago: 4 }
const failed = (repository: RepositoryState, more: Partial<ModuleScene> = {}): ModuleScene => ({
  status: 'failed',
  ago: 3,
  repository,
  ...more,
})

/** In each shape the same. */
const everywhere: readonly Omit<Scene, 'shape'>[] = [
  { what: 'all modules ended well', modules: { mail1: ok, web1: ok }, outcome: 'SUCCESS', cause: 'false alarm' },
  {
    what: 'one of two failed, its repository is locked',
    modules: { mail1: failed('locked'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'lock',
  },
  {
    what: 'one of two failed for its password',
    modules: { mail1: failed('wrong password'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'credentials',
  },
  {
    what: 'one of two failed, its repository is gone',
    modules: { mail1: failed('gone'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'store unreachable',
  },
  {
    what: 'one of two failed, its repository is damaged',
    modules: { mail1: failed('damaged'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'tool error',
  },
  {
    what: 'one of two failed, its repository is sound',
    modules: { mail1: failed('sound'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'source',
  },
  {
    what: 'one of two failed, and left a snapshot',
    modules: { mail1: failed('just written'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'partial',
  },
  {
    what: 'the only one failed before its first snapshot',
    modules: { mail1: failed('empty') },
    outcome: 'REPO_FAILURE',
    cause: 'source',
  },
  {
    what: 'all failed, locked',
    modules: { mail1: failed('locked'), web1: failed('locked') },
    outcome: 'REPO_FAILURE',
    cause: 'lock',
  },
  {
    what: 'all failed for the password',
    modules: { mail1: failed('wrong password'), web1: failed('wrong password') },
    outcome: 'REPO_FAILURE',
    cause: 'credentials',
  },
  {
    what: 'all failed, repositories gone',
    modules: { mail1: failed('gone'), web1: failed('gone') },
    outcome: 'REPO_FAILURE',
    cause: 'store unreachable',
  },
  {
    what: 'all failed, the store refuses',
    modules: { mail1: failed('refusing'), web1: failed('refusing') },
    outcome: 'REPO_FAILURE',
    cause: 'store unreachable',
  },
  { what: 'all failed, damaged', modules: { mail1: failed('damaged') }, outcome: 'REPO_FAILURE', cause: 'tool error' },
  {
    what: 'two failed for one reason, one for another',
    modules: { mail1: failed('locked'), web1: failed('locked'), dav1: failed('gone') },
    outcome: 'REPO_FAILURE',
    cause: 'lock',
  },
  {
    what: 'all successes are from yesterday',
    modules: { mail1: { status: 'ok', ago: 1440 }, web1: { status: 'ok', ago: 1441 } },
    outcome: 'REPO_FAILURE',
    cause: 'schedule did not fire',
  },
  {
    what: 'a success that is just recent enough',
    modules: { mail1: { status: 'ok', ago: 50 } },
    outcome: 'SUCCESS',
    cause: 'false alarm',
  },
  {
    what: 'the plan is switched off',
    modules: { mail1: { status: 'ok', ago: 2880 } },
    planOff: true,
    outcome: 'REPO_FAILURE',
    cause: 'schedule did not fire',
  },
  { what: 'Redis is gone', modules: { mail1: ok }, redisGone: true, outcome: 'UNKNOWN', cause: 'unknown' },
]

/** Where modules of a plan are known beside their status. */
const ofPlans: readonly Omit<Scene, 'shape'>[] = [
  {
    what: 'one of two wrote nothing',
    modules: { mail1: { status: 'none', repository: 'sound' }, web1: ok },
    outcome: 'PARTIAL',
    cause: 'schedule did not fire',
  },
  {
    what: 'nobody wrote anything',
    modules: { mail1: { status: 'none', repository: 'sound' }, web1: { status: 'none', repository: 'sound' } },
    outcome: 'REPO_FAILURE',
    cause: 'schedule did not fire',
  },
  {
    what: 'a node is silent',
    modules: {
      mail1: { ...ok, node: '1' },
      web1: { status: 'none', node: '2', repository: 'sound' },
      dav1: { status: 'none', node: '2', repository: 'sound' },
    },
    outcome: 'PARTIAL',
    cause: 'host offline',
  },
  {
    what: 'who wrote nothing is locked out',
    modules: { mail1: { status: 'none', repository: 'locked' }, web1: ok },
    outcome: 'PARTIAL',
    cause: 'lock',
  },
]

/** The tool's own words, which only the assumed shape has. */
const words: readonly (readonly [error: string, cause: Cause])[] = [
  ['unable to create lock in backend: repository is already locked exclusively by PID 7 on node1', 'lock'],
  ['Fatal: wrong password or no key found', 'credentials'],
  ['unexpected HTTP response (401): 401 Unauthorized', 'credentials'],
  ['client.PutObject: Access Denied.', 'credentials'],
  ['Host key verification failed.', 'host key'],
  ['write /srv/backup/data/3f: no space left on device', 'space'],
  ['Fatal: unable to save snapshot: Disk quota exceeded', 'space'],
  ['dial tcp: lookup s3.eu-central-1.wasabisys.com: no such host', 'network'],
  ['dial tcp 192.0.2.7:443: connect: no route to host', 'network'],
  ['Fatal: unable to open repository at s3:box: net/http: TLS handshake timeout', 'network'],
  ['dial tcp 127.0.0.1:4694: connect: connection refused', 'store unreachable'],
  ['server response unexpected: 503 Service Unavailable', 'store unreachable'],
  ['Fatal: unable to open config file: Is there a repository at the following location?', 'store unreachable'],
  ['module-dump-state: pg_dump: error: query failed', 'source'],
  ['Fatal: all source directories/files do not exist', 'source'],
  ['Warning: at least one source file could not be read', 'partial'],
  ['panic: runtime error: invalid memory address', 'tool error'],
  ['the agent of node 2 is not running', 'host offline'],
]

export const scenes: readonly Scene[] = [
  ...everywhere.flatMap((scene) => shapes.map((shape) => ({ ...scene, shape }))),
  ...ofPlans.flatMap((scene) => (['module', 'node'] as const).map((shape) => ({ ...scene, shape }))),
  ...words.map(
    ([error, cause]): Scene => ({
      what: `it said: ${error}`,
      shape: 'assumed',
      modules: { mail1: failed('sound', { error }), web1: ok },
      outcome: 'PARTIAL',
      cause,
    }),
  ),
  {
    what: 'no name resolves',
    shape: 'node',
    modules: { mail1: failed('nowhere') },
    outcome: 'REPO_FAILURE',
    cause: 'network',
  },
  { what: 'no status at all', shape: 'assumed', modules: {}, outcome: 'REPO_FAILURE', cause: 'unknown' },
  {
    what: 'a missing backup without any status',
    shape: 'assumed',
    alert: 'NsBackupMissing',
    modules: {},
    outcome: 'REPO_FAILURE',
    cause: 'schedule did not fire',
  },
  {
    what: 'an alert without a plan, one recent failure',
    shape: 'node',
    alert: 'backup_failed',
    labels: {},
    modules: { mail1: failed('locked'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'lock',
  },
  {
    what: 'an alert without a plan, nothing recent',
    shape: 'node',
    alert: 'backup_failed',
    labels: {},
    modules: { mail1: { status: 'ok', ago: 600 } },
    outcome: 'REPO_FAILURE',
    cause: 'unknown',
  },
  {
    what: 'a label that is no id',
    shape: 'node',
    labels: { id: '*' },
    modules: { mail1: ok },
    outcome: 'UNKNOWN',
    cause: 'unknown',
  },
  {
    what: 'a module that runagent does not know',
    shape: 'module',
    modules: { mail1: failed('unknown module'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'unknown',
  },
  {
    what: 'a repository that does not answer',
    shape: 'node',
    modules: { mail1: failed('hanging'), web1: ok },
    outcome: 'PARTIAL',
    cause: 'network',
  },
]
