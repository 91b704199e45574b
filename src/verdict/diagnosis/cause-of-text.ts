/** What the words of a tool say about why it failed. Pure. */
import type { Cause } from '../../model/diagnosis.ts'

/**
 * First that fits counts: what is said precisely stands before what a tool says of everything. Words of restic, borg, rclone, ssh,
 * Go and the C library, as observed.
 */
const patterns: readonly (readonly [Cause, RegExp])[] = [
  // A dump that cannot reach its database says so in the words of a network.
  [
    'source',
    /\b(?:pg_dump\w*|mysqldump|mariadb-dump|mongodump|module-dump-state|dump hook|(?:pre|before)[ -]backup hook)\b/i,
  ],
  [
    'host key',
    /host key verification failed|remote host identification has changed|key mismatch|host key (?:is|has|does|of)\b/i,
  ],
  [
    'lock',
    /already locked|is locked|locked (?:exclusively|by)|create.{0,20}lock\b|acquire the lock|lock\s?timeout|stale lock|lock is held|another (?:backup|process|instance)\b.{0,40}\b(?:runs|running|holds|in progress)/i,
  ],
  [
    'space',
    /no space left|quota exceeded|\bENOSPC\b|\bEDQUOT\b|insufficient storage|\b507\b|not enough (?:free )?space|(?:disk|storage|volume|store) (?:is )?full|out of (?:disk )?space/i,
  ],
  [
    'credentials',
    /wrong password|no key found|(?:password|passphrase)\b.{0,30}\b(?:incorrect|wrong|invalid|expired|missing|empty|required)|incorrect (?:password|passphrase)|\b40[13]\b|unauthori[sz]ed|forbidden|access ?denied|InvalidAccessKeyId|SignatureDoesNotMatch|authentication (?:failed|required)|unable to authenticate|permission denied \(publickey|(?:token|key|credentials?) (?:has |have |is |are )?(?:expired|invalid|revoked|rotated)|(?:invalid|expired|bad) (?:token|credentials?|api key)|login (?:failed|incorrect|denied)/i,
  ],
  [
    'network',
    /no such host|name or service not known|name resolution|\bENOTFOUND\b|\bEAI_AGAIN\b|network is (?:unreachable|down)|no route to host|i\/o timeout|handshake timeout|\bETIMEDOUT\b|timed? ?out|deadline exceeded|\bENETUNREACH\b|\bEHOSTUNREACH\b|connection (?:was )?(?:reset|closed|lost|aborted)|\bECONNRESET\b|broken pipe|server misbehaving|x509:|certificate|dns\b/i,
  ],
  [
    'store unreachable',
    /connection refused|\bECONNREFUSED\b|\b50[0234]\b|service unavailable|bad gateway|internal server error|is there a repository|repository .{0,200}does not exist|no such (?:bucket|repository)|NoSuchBucket|bucket .{0,80}not exist|unable to open (?:config|repository)|config file.{0,40}(?:missing|not found|does not exist)|(?:store|backend|destination|server|repository) (?:is )?(?:unreachable|down|offline|gone|unavailable|not (?:found|available|reachable|mounted))|stale file handle|transport endpoint/i,
  ],
  [
    'host offline',
    /(?:host|node|machine|agent|client) .{0,30}\b(?:is |was )?(?:down|offline|unreachable|not running|powered off|rebooted)|shut ?down|interrupted by (?:a )?(?:reboot|restart)/i,
  ],
  [
    'history changed',
    /rolled? ?back|tampered|snapshots? (?:is|are|was|were|have been)? ?(?:missing|gone|deleted|removed|fewer|replaced)|fewer snapshots|history|dated in the future|relocated|encryption (?:method )?changed/i,
  ],
  [
    'partial',
    /at least one (?:source )?file could not be read|(?:files?|folders?|items?) (?:or folders )?could not be read|incomplete snapshot|some files|partially|exit (?:code|status) 3\b|completed with warnings/i,
  ],
  [
    'source',
    /(?:source|target) (?:director|file|path|folder|volume|mount)|not mounted|no such file or directory|permission denied|(?:lstat|scan|read|open|readdir) \/|input\/output error|\bEIO\b|hook\b|nothing to back ?up|source is (?:empty|missing|gone)|database/i,
  ],
  [
    'schedule did not fire',
    /(?:timer|schedule|cron)\b|did not (?:run|start)|not (?:been )?(?:run|started|scheduled)|no (?:recent )?(?:backup|run)\b|missed|overdue|is late/i,
  ],
  [
    'tool error',
    /panic|fatal|segmentation fault|signal:|killed|out of memory|oom|command not found|executable file not found|exit (?:code|status) \d|corrupt|damaged|checksum|verification failed|invalid data|ciphertext|traceback|exception|unknown (?:flag|command|option)|usage:/i,
  ],
]

/** @returns undefined where the words say nothing that is known. */
export function causeOfText(text: string): Cause | undefined {
  // However much a tool says: what matters stands at its beginning or end.
  const looked = text.length <= 8_000 ? text : `${text.slice(0, 4_000)}\n${text.slice(-4_000)}`
  return patterns.find(([, pattern]) => pattern.test(looked))?.[0]
}
