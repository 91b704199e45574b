import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SortedAlert } from '../../model/alert.ts'
import {
  type Cause,
  causes,
  type DiagnosisOutcome,
  type Part,
  type Probe,
  partStates,
  soundness,
} from '../../model/diagnosis.ts'
import type { Problem } from '../../model/problem.ts'
import { type DiagnosisFacts, diagnose } from './diagnose.ts'

const now = new Date('2026-11-25T03:00:00Z')
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)

const alert = (alertname: string, more: Partial<SortedAlert> = {}): SortedAlert => ({
  fingerprint: 'f',
  status: 'firing',
  labels: { alertname, id: '1' },
  annotations: {},
  startsAt: ago(2),
  counts: true,
  group: 'g',
  way: 'webhook',
  receivedAt: ago(2),
  truncated: 0,
  ...more,
})
const module = (name: string, state: Part['state'], more: Partial<Part> = {}): Part => ({
  kind: 'module',
  name,
  state,
  source: 'redis',
  ...(state === 'missing' || state === 'unknown' ? {} : { at: ago(4) }),
  ...more,
})
const job = (state: Part['state'], code: string, message = 'no', more: Partial<Part> = {}): Part => ({
  kind: 'job',
  name: 'nfs',
  repository: 'box',
  state,
  source: 'ledger',
  problem: problem(code, message),
  ...more,
})
const problem = (code: string, message = 'no'): Problem => ({ code, message, next: '', retry: 'never' })
const probe = (state: Probe['soundness'], part?: string, more: Partial<Probe> = {}): Probe => ({
  repository: 'box',
  ...(part !== undefined && { part }),
  soundness: state,
  way: 'restic',
  tookMs: 1,
  ...(state !== 'sound' && state !== 'empty' && { problem: problem('probe', state) }),
  ...more,
})
const facts = (more: Partial<DiagnosisFacts>): DiagnosisFacts => ({
  alerts: [alert('BackupFailed')],
  plans: [{ id: '1', name: 'Daily', enabled: true }],
  parts: [],
  probes: [],
  problems: [],
  repositories: [],
  notes: [],
  isPlatform: true,
  windowMs: 3_600_000,
  now,
  ...more,
})
const said = (message: string): Part[] => [module('mail1', 'failed', { message, errors: 1 })]

type Case = readonly [what: string, facts: Partial<DiagnosisFacts>, outcome: DiagnosisOutcome, cause: Cause]

const cases: readonly Case[] = [
  ['all well', { parts: [module('a', 'ok'), module('b', 'ok')] }, 'SUCCESS', 'false alarm'],
  ['no status at all', {}, 'REPO_FAILURE', 'unknown'],
  ['nobody could be asked', { problems: [problem('ns8.redis-absent')] }, 'UNKNOWN', 'unknown'],
  [
    'all known well, but not everybody could be asked',
    { parts: [module('a', 'ok')], problems: [problem('ns8.redis-slow')] },
    'UNKNOWN',
    'unknown',
  ],
  [
    'one of two, both sound',
    { parts: [module('a', 'failed'), module('b', 'ok')], probes: [probe('sound', 'a')] },
    'PARTIAL',
    'source',
  ],
  [
    'one of two, which left a snapshot of that run',
    { parts: [module('a', 'failed'), module('b', 'ok')], probes: [probe('sound', 'a', { newestAt: ago(5) })] },
    'PARTIAL',
    'partial',
  ],
  [
    'one of two, its repository damaged',
    { parts: [module('a', 'failed'), module('b', 'ok')], probes: [probe('damaged', 'a')] },
    'PARTIAL',
    'tool error',
  ],
  [
    'all, the repository locked',
    { parts: [module('a', 'failed')], probes: [probe('locked', 'a')] },
    'REPO_FAILURE',
    'lock',
  ],
  [
    'all, the password wrong',
    { parts: [module('a', 'failed')], probes: [probe('credentials', 'a')] },
    'REPO_FAILURE',
    'credentials',
  ],
  [
    'all, the repository gone',
    { parts: [module('a', 'failed')], probes: [probe('gone', 'a')] },
    'REPO_FAILURE',
    'store unreachable',
  ],
  [
    'all, the store down',
    {
      parts: [module('a', 'failed')],
      probes: [probe('unreachable', 'a', { words: 'dial tcp 127.0.0.1:8000: connect: connection refused' })],
    },
    'REPO_FAILURE',
    'store unreachable',
  ],
  [
    'all, the network down',
    {
      parts: [module('a', 'failed')],
      probes: [probe('unreachable', 'a', { words: 'dial tcp: lookup b2: no such host' })],
    },
    'REPO_FAILURE',
    'network',
  ],
  ['all, the store full', { parts: [module('a', 'failed')], probes: [probe('full', 'a')] }, 'REPO_FAILURE', 'space'],
  [
    'all, a host key changed',
    { parts: [module('a', 'failed')], probes: [probe('host key', 'a')] },
    'REPO_FAILURE',
    'host key',
  ],
  ['all, sound', { parts: [module('a', 'failed')], probes: [probe('sound', 'a')] }, 'REPO_FAILURE', 'source'],
  [
    'all, not looked at',
    { parts: [module('a', 'failed')], probes: [probe('unknown', 'a')] },
    'REPO_FAILURE',
    'unknown',
  ],
  [
    'a module without status',
    { parts: [module('a', 'missing'), module('b', 'ok')] },
    'PARTIAL',
    'schedule did not fire',
  ],
  [
    'no module has one',
    { parts: [module('a', 'missing'), module('b', 'missing')] },
    'REPO_FAILURE',
    'schedule did not fire',
  ],
  [
    'a node is silent',
    {
      parts: [
        module('a', 'ok', { node: '1' }),
        module('b', 'missing', { node: '2' }),
        module('c', 'missing', { node: '2' }),
      ],
    },
    'PARTIAL',
    'host offline',
  ],
  [
    'the plan is switched off',
    { parts: [module('a', 'missing')], plans: [{ id: '1', enabled: false }] },
    'REPO_FAILURE',
    'schedule did not fire',
  ],
  [
    'an old success is none',
    { parts: [module('a', 'ok', { at: ago(60 * 24) })] },
    'REPO_FAILURE',
    'schedule did not fire',
  ],
  ['one from within the window is', { parts: [module('a', 'ok', { at: ago(50) })] }, 'SUCCESS', 'false alarm'],
  [
    'a missing backup, old statuses',
    { alerts: [alert('NsBackupMissing')], parts: [module('a', 'ok', { at: ago(3_000) })] },
    'REPO_FAILURE',
    'schedule did not fire',
  ],
  ['a missing backup, no status', { alerts: [alert('NsBackupMissing')] }, 'REPO_FAILURE', 'schedule did not fire'],
  [
    'restic: locked',
    { parts: said('unable to create lock in backend: repository is already locked exclusively by PID 7') },
    'REPO_FAILURE',
    'lock',
  ],
  [
    'borg: locked',
    { parts: said('Failed to create/acquire the lock /srv/borg/lock.exclusive (timeout).') },
    'REPO_FAILURE',
    'lock',
  ],
  ['restic: wrong password', { parts: said('Fatal: wrong password or no key found') }, 'REPO_FAILURE', 'credentials'],
  [
    'borg: wrong passphrase',
    { parts: said('passphrase supplied in BORG_PASSPHRASE is incorrect.') },
    'REPO_FAILURE',
    'credentials',
  ],
  ['S3: denied', { parts: said('client.PutObject: Access Denied.') }, 'REPO_FAILURE', 'credentials'],
  [
    'S3: keys',
    { parts: said('The AWS Access Key Id you provided does not exist: InvalidAccessKeyId') },
    'REPO_FAILURE',
    'credentials',
  ],
  [
    'ssh: publickey',
    { parts: said('root@box: Permission denied (publickey,password).') },
    'REPO_FAILURE',
    'credentials',
  ],
  [
    'rest-server: 401',
    { parts: said('unable to open config file: unexpected HTTP response (401): 401 Unauthorized') },
    'REPO_FAILURE',
    'credentials',
  ],
  ['ssh: host key', { parts: said('Host key verification failed.') }, 'REPO_FAILURE', 'host key'],
  ['ssh: changed', { parts: said('@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @') }, 'REPO_FAILURE', 'host key'],
  [
    'rclone: key mismatch',
    { parts: said("couldn't connect SSH: ssh: handshake failed: knownhosts: key mismatch") },
    'REPO_FAILURE',
    'host key',
  ],
  ['full', { parts: said('write /srv/data/3f/x: no space left on device') }, 'REPO_FAILURE', 'space'],
  ['quota', { parts: said('Fatal: unable to save snapshot: Disk quota exceeded') }, 'REPO_FAILURE', 'space'],
  ['WebDAV 507', { parts: said('507 Insufficient Storage') }, 'REPO_FAILURE', 'space'],
  [
    'no name',
    { parts: said('dial tcp: lookup s3.example.com on 127.0.0.53:53: no such host') },
    'REPO_FAILURE',
    'network',
  ],
  ['no route', { parts: said('dial tcp 192.0.2.7:443: connect: no route to host') }, 'REPO_FAILURE', 'network'],
  [
    'time-out',
    { parts: said('Fatal: unable to open repository at s3:…: read tcp: i/o timeout') },
    'REPO_FAILURE',
    'network',
  ],
  ['reset', { parts: said('read: connection reset by peer') }, 'REPO_FAILURE', 'network'],
  ['certificate', { parts: said('x509: certificate has expired or is not yet valid') }, 'REPO_FAILURE', 'network'],
  [
    'refused',
    { parts: said('dial tcp 127.0.0.1:4694: connect: connection refused') },
    'REPO_FAILURE',
    'store unreachable',
  ],
  ['503', { parts: said('server response unexpected: 503 Service Unavailable') }, 'REPO_FAILURE', 'store unreachable'],
  [
    'no repository',
    { parts: said('Fatal: unable to open config file: Stat: 404. Is there a repository at the following location?') },
    'REPO_FAILURE',
    'store unreachable',
  ],
  [
    'no bucket',
    { parts: said('The specified bucket does not exist. NoSuchBucket') },
    'REPO_FAILURE',
    'store unreachable',
  ],
  ['source gone', { parts: said('Fatal: all source directories/files do not exist') }, 'REPO_FAILURE', 'source'],
  [
    'dump',
    { parts: said('pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: Connection refused') },
    'REPO_FAILURE',
    'source',
  ],
  ['unreadable', { parts: said('lstat /srv/nfs/a: permission denied') }, 'REPO_FAILURE', 'source'],
  ['some files', { parts: said('Warning: at least one source file could not be read') }, 'REPO_FAILURE', 'partial'],
  ['panic', { parts: said('panic: runtime error: index out of range') }, 'REPO_FAILURE', 'tool error'],
  ['killed', { parts: said('signal: killed') }, 'REPO_FAILURE', 'tool error'],
  ['corrupt', { parts: said('ciphertext verification failed') }, 'REPO_FAILURE', 'tool error'],
  ['a node went down', { parts: said('the agent of node 2 is not running') }, 'REPO_FAILURE', 'host offline'],
  ['words nobody knows', { parts: said('xyzzy') }, 'REPO_FAILURE', 'tool error'],
  [
    'what was said then stands before what is seen now',
    { parts: said('no space left on device'), probes: [probe('locked', 'mail1')] },
    'REPO_FAILURE',
    'space',
  ],
  [
    'a look at a part that is well says nothing',
    { parts: [module('a', 'failed'), module('b', 'ok')], probes: [probe('sound', 'a'), probe('locked', 'b')] },
    'PARTIAL',
    'source',
  ],
  [
    'own job: locked',
    { isPlatform: false, plans: [], parts: [job('failed', 'restic.locked')] },
    'REPO_FAILURE',
    'lock',
  ],
  ['own job: guard', { isPlatform: false, plans: [], parts: [job('failed', 'guard.empty')] }, 'REPO_FAILURE', 'source'],
  [
    'own job: refused',
    {
      isPlatform: false,
      plans: [],
      parts: [job('failed', 'restic.network', 'refused', { message: 'connect: connection refused' })],
    },
    'REPO_FAILURE',
    'store unreachable',
  ],
  [
    'own job: no name',
    { isPlatform: false, plans: [], parts: [job('failed', 'restic.network', 'no such host')] },
    'REPO_FAILURE',
    'network',
  ],
  [
    'own job: host key',
    { isPlatform: false, plans: [], parts: [job('failed', 'borg.host-key')] },
    'REPO_FAILURE',
    'host key',
  ],
  [
    'own job: password',
    { isPlatform: false, plans: [], parts: [job('failed', 'borg.password')] },
    'REPO_FAILURE',
    'credentials',
  ],
  [
    'own job: a secret gone',
    { isPlatform: false, plans: [], parts: [job('failed', 'secret.file')] },
    'REPO_FAILURE',
    'credentials',
  ],
  [
    'own job: full',
    { isPlatform: false, plans: [], parts: [job('failed', 'rclone.store-full')] },
    'REPO_FAILURE',
    'space',
  ],
  [
    'own job: power cut',
    { isPlatform: false, plans: [], parts: [job('failed', 'run.interrupted')] },
    'REPO_FAILURE',
    'host offline',
  ],
  [
    'own job: crash',
    { isPlatform: false, plans: [], parts: [job('failed', 'restic.crash')] },
    'REPO_FAILURE',
    'tool error',
  ],
  [
    'own job: warnings',
    { isPlatform: false, plans: [], parts: [job('warning', 'restic.partial')] },
    'PARTIAL',
    'partial',
  ],
  [
    'own job: rolled back',
    { isPlatform: false, plans: [], parts: [job('failed', 'borg.rolled-back')] },
    'REPO_FAILURE',
    'history changed',
  ],
  [
    'own job: late',
    {
      alerts: [alert('MusterJobLate')],
      isPlatform: false,
      plans: [],
      parts: [{ kind: 'job', name: 'nfs', state: 'missing', source: 'ledger' }],
    },
    'REPO_FAILURE',
    'schedule did not fire',
  ],
  [
    'own history',
    {
      alerts: [alert('MusterHistoryFindings')],
      isPlatform: false,
      plans: [],
      parts: [{ kind: 'job', name: 'nfs', state: 'warning', source: 'ledger', problem: problem('restic.partial') }],
      repositories: [{ name: 'box', history: ['3 snapshots are gone'] }],
    },
    'PARTIAL',
    'partial',
  ],
  [
    'own repository runs full',
    {
      alerts: [alert('MusterSpaceLow')],
      isPlatform: false,
      plans: [],
      parts: [{ kind: 'job', name: 'nfs', state: 'failed', source: 'ledger' }],
      repositories: [{ name: 'box', history: [], room: '1 % is left' }],
    },
    'REPO_FAILURE',
    'space',
  ],
]

describe('outcome and cause', () => {
  it.each(cases)('%s', (_, given, outcome, cause) => {
    const finding = diagnose(facts(given))
    expect([finding.outcome, finding.cause]).toEqual([outcome, cause])
    expect(finding.next).not.toBe('')
    if (cause !== 'unknown') expect(finding.evidence.length).toBeGreaterThan(0)
  })

  it('names every cause there is', () => {
    expect(new Set(cases.map(([, , , cause]) => cause))).toEqual(new Set(causes))
  })

  const anyPart = fc.record({
    kind: fc.constant('module' as const),
    name: fc.string({ maxLength: 8 }),
    state: fc.constantFrom(...partStates),
    source: fc.constant('redis' as const),
    at: fc.date({ noInvalidDate: true, min: new Date('2020-01-01'), max: new Date('2027-01-01') }),
    message: fc.option(fc.string(), { nil: undefined }),
  }) as fc.Arbitrary<Part>

  it('never calls all fine what is not known to be, whatever anybody says', () => {
    fc.assert(
      fc.property(
        fc.array(anyPart, { maxLength: 6 }),
        fc.array(fc.constantFrom(...soundness), { maxLength: 3 }),
        fc.boolean(),
        (parts, looks, isAsked) => {
          const finding = diagnose(
            facts({
              parts,
              probes: looks.map((one) => probe(one)),
              problems: isAsked ? [] : [problem('ns8.redis-slow')],
            }),
          )
          const isFine =
            isAsked &&
            parts.length > 0 &&
            parts.every(({ state, at }) => state === 'ok' && ago(2).getTime() - (at?.getTime() ?? 0) <= 3_600_000)
          expect(finding.outcome === 'SUCCESS').toBe(isFine)
          expect(finding.cause === 'false alarm').toBe(isFine)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
