/**
 * The unit of `muster serve`. Three kinds: a watcher that may read what its own user may and nothing more, a runner that may read all
 * files, for jobs that run here, and one for a node of NethServer 8. Source: systemd.exec(5), systemd.resource-control(5).
 */

export const unitKinds = ['watcher', 'runner', 'node'] as const
export type UnitKind = (typeof unitKinds)[number]

export interface UnitWish {
  readonly kind: UnitKind
  /** Absolute path of the program, and what goes before `serve`. */
  readonly program: readonly string[]
  readonly config: string
  /** Nothing but this machine is talked to. */
  readonly isLoopbackOnly: boolean
  /** Something below /home or /root is to be read. */
  readonly readsHomes: boolean
  /** Folders that are written to beside state and cache: repositories on a disk, files of metrics. */
  readonly writable: readonly string[]
  /** Names of credentials that the configuration takes; each is a file in /etc/credstore. */
  readonly credentials: readonly string[]
}

type Line = readonly [key: string, value: string]

export function renderUnit(wish: UnitWish): string {
  const { program, config, kind } = wish
  const isWatcher = kind === 'watcher'
  const service: readonly Line[] = [
    ['ExecStart', [...program, 'serve', '--quiet', '--config', config].map(quotedCommand).join(' ')],
    ['ExecReload', '/bin/kill -HUP $MAINPID'],
    ['Restart', 'on-failure'],
    ['RestartSec', '5'],
    ['KillMode', 'mixed'],
    ['TimeoutStopSec', '120'],
    ...(isWatcher
      ? ([
          ['User', 'muster'],
          ['Group', 'muster'],
        ] as const)
      : ([['User', 'root']] as const)),
    ['StateDirectory', 'muster'],
    ['StateDirectoryMode', '0700'],
    ['CacheDirectory', 'muster'],
    ['CacheDirectoryMode', '0700'],
    ['Environment', 'RESTIC_CACHE_DIR=/var/cache/muster/restic'],
    ...wish.credentials.map((name): Line => ['LoadCredential', `${name}:/etc/credstore/${name}`]),
    ...wish.writable.map((path): Line => ['ReadWritePaths', `-${quoted(path)}`]),
    ...(kind === 'node'
      ? nodeHardening
      : [
          ...(isWatcher ? watcherRights : runnerRights),
          ['ProtectHome', isWatcher && !wish.readsHomes ? 'yes' : 'read-only'] as const,
          ...hardening,
        ]),
    ...(wish.isLoopbackOnly ? loopbackOnly : []),
  ]
  return [
    '[Unit]',
    `Description=Muster: ${isWatcher || kind === 'node' ? 'watches backups, and tells' : 'runs backups, watches them, and tells'}`,
    'Documentation=man:systemd.exec(5)',
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    ...service.map(([key, value]) => `${key}=${value}`),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
}

/** No right of root at all, and none to get one. */
const watcherRights: readonly Line[] = [
  ['CapabilityBoundingSet', ''],
  ['AmbientCapabilities', ''],
  ['PrivateUsers', 'yes'],
  ['SystemCallFilter', '@system-service'],
  ['SystemCallFilter', '~@privileged @resources'],
]

/** Root's own files, and to read those of everybody: no other right of root. Limits of jobs set priorities. */
const runnerRights: readonly Line[] = [
  ['CapabilityBoundingSet', 'CAP_DAC_READ_SEARCH'],
  ['SystemCallFilter', '@system-service'],
  ['SystemCallFilter', '~@privileged'],
]

/**
 * Not here: `MemoryDenyWriteExecute`, since Node.js translates programs while they run, and `ProcSubset=pid`, since the number of this
 * boot tells a process that is gone from one of another boot.
 */
const hardening: readonly Line[] = [
  ['UMask', '0077'],
  ['NoNewPrivileges', 'yes'],
  ['ProtectSystem', 'strict'],
  ['PrivateTmp', 'yes'],
  ['PrivateDevices', 'yes'],
  ['DevicePolicy', 'closed'],
  ['PrivateMounts', 'yes'],
  ['ProtectProc', 'invisible'],
  ['ProtectClock', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['ProtectKernelTunables', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['RestrictNamespaces', 'yes'],
  ['RestrictRealtime', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['RestrictAddressFamilies', 'AF_UNIX AF_INET AF_INET6'],
  ['LockPersonality', 'yes'],
  ['RemoveIPC', 'yes'],
  ['KeyringMode', 'private'],
  ['SystemCallArchitectures', 'native'],
  ['SystemCallErrorNumber', 'EPERM'],
]

/**
 * `runagent` becomes the user of each module, and starts containers as it: rights, folders and namespaces that are taken away here
 * would be missing there.
 */
const nodeHardening: readonly Line[] = [
  ['UMask', '0077'],
  ['ProtectClock', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['LockPersonality', 'yes'],
  ['RestrictRealtime', 'yes'],
  ['KeyringMode', 'private'],
]

const loopbackOnly: readonly Line[] = [
  ['IPAddressDeny', 'any'],
  ['IPAddressAllow', 'localhost'],
]

/** As systemd reads it: `%` begins a specifier, and quotes hold what has blanks. */
export function quoted(text: string): string {
  const escaped = text.replaceAll('%', '%%')
  return /^[\w./:@=+,%-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** In a command a dollar begins a variable. */
const quotedCommand = (text: string): string => quoted(text).replaceAll('$', '$$$$')
