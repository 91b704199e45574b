/** One program that tests or the first start use for real. One line of the table below is one tool. */
export interface ToolLine {
  /** The folder below `.tools/` and the name on the command line. */
  readonly name: string
  /** The Debian package. */
  readonly package: string
  /** Looked into first; the other suites follow when this one has moved on. */
  readonly suite: Suite
  /** The lowest upstream version that will do, and the first that will not. */
  readonly from: string
  readonly below?: string
  /** Link in `.tools/bin` → path inside the package. */
  readonly programs: Readonly<Record<string, string>>
  /** Further packages unpacked into the same folder, for a program that is not one static file. */
  readonly needs?: { readonly suite: Suite; readonly packages: readonly string[] }
  /** Environment of the program, with `{root}` for the folder; a small script then takes the place of the link. */
  readonly environment?: Readonly<Record<string, string>>
  /** The libraries are of another system than this one, its C library among them: started by the loader that came with it. */
  readonly ownLoader?: true
  /** Folders with more libraries, below that of its loader. */
  readonly libraryFolders?: readonly string[]
  /** Too many libraries to unpack beside the system: comes from apt (as root) or from the person. */
  readonly system?: true
}

export const suites = ['bookworm', 'bookworm-backports', 'trixie', 'sid'] as const
type Suite = (typeof suites)[number]

const libraries = { LD_LIBRARY_PATH: '{root}/usr/lib/x86_64-linux-gnu:{root}/usr/lib/aarch64-linux-gnu' }
const python = { PYTHONPATH: '{root}/usr/lib/python3/dist-packages', ...libraries }
// What else sshd is linked with every Debian has.
const sshdNeeds = {
  suite: 'bookworm',
  packages: ['libwrap0', 'libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3', 'libkrb5support0', 'libkeyutils1'],
} as const
const ssh10Needs = {
  suite: 'sid',
  packages: [
    ...['libc6', 'libssl3t64', 'libselinux1', 'libpcre2-8-0', 'zlib1g', 'libzstd1', 'libedit2', 'libtinfo6', 'libbsd0'],
    ...['libmd0', 'libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3', 'libkrb5support0', 'libkeyutils1', 'libcom-err2'],
  ],
} as const
const systemdNeeds = {
  suite: 'sid',
  packages: [
    ...['libsystemd-shared', 'libc6', 'libcap2', 'libcrypt1', 'libmount1', 'libblkid1', 'libselinux1', 'libpcre2-8-0'],
    ...[
      'libssl3t64',
      'zlib1g',
      'libzstd1',
      'libseccomp2',
      'libacl1',
      'libaudit1',
      'libcap-ng0',
      'liblz4-1',
      'liblzma5',
    ],
    ...['libpam0g', 'libkmod2', 'libgcrypt20', 'libgpg-error0', 'libxxhash0', 'libunistring5', 'libidn2-0'],
  ],
} as const
const appriseNeeds = {
  suite: 'bookworm',
  packages: [
    ...['python3-click', 'python3-markdown', 'python3-yaml', 'libyaml-0-2', 'python3-requests'],
    ...['python3-urllib3', 'python3-idna', 'python3-certifi', 'python3-chardet', 'python3-requests-oauthlib'],
    ...['python3-oauthlib', 'python3-six'],
  ],
} as const
// redis-server itself is a link to a program of redis-tools, which looks at the name it is called by.
const redisNeeds = {
  suite: 'bookworm',
  packages: ['redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'],
} as const
const borgNeeds = { suite: 'bookworm', packages: ['python3-msgpack', 'python3-packaging', 'libxxhash0'] } as const

/** What `npm test` needs; the first restic is also what `npm start` uses. */
// biome-ignore format: one line is one tool
export const toolTable: readonly ToolLine[] = [
  { name: 'restic-0.18', package: 'restic', suite: 'trixie', from: '0.18', below: '0.19', programs: { restic: 'usr/bin/restic', 'restic-0.18': 'usr/bin/restic' } },
  { name: 'restic-0.14', package: 'restic', suite: 'bookworm', from: '0.14', below: '0.15', programs: { 'restic-0.14': 'usr/bin/restic' } },
  { name: 'restic-0.19', package: 'restic', suite: 'sid', from: '0.19', programs: { 'restic-0.19': 'usr/bin/restic' } },
  { name: 'restic-rest-server', package: 'restic-rest-server', suite: 'sid', from: '0.14', programs: { 'rest-server': 'usr/bin/restic-rest-server' } },
  { name: 'rclone-1.75', package: 'rclone', suite: 'sid', from: '1.75', programs: { rclone: 'usr/bin/rclone', 'rclone-1.75': 'usr/bin/rclone' } },
  { name: 'rclone-1.60', package: 'rclone', suite: 'bookworm', from: '1.60', below: '1.61', programs: { 'rclone-1.60': 'usr/bin/rclone' } },
  { name: 'borg-1.2', package: 'borgbackup', suite: 'bookworm', from: '1.2', below: '1.3', programs: { 'borg-1.2': 'usr/bin/borg' }, needs: borgNeeds, environment: python },
  { name: 'borg-1.4', package: 'borgbackup', suite: 'bookworm-backports', from: '1.4', below: '1.5', programs: { borg: 'usr/bin/borg', 'borg-1.4': 'usr/bin/borg' }, needs: borgNeeds, environment: python },
  { name: 'strace', package: 'strace', suite: 'bookworm', from: '6', programs: { strace: 'usr/bin/strace' }, needs: { suite: 'bookworm', packages: ['libunwind8', 'liblzma5'] }, environment: libraries },
  { name: 'openssh-server', package: 'openssh-server', suite: 'bookworm', from: '9', programs: { sshd: 'usr/sbin/sshd' }, needs: sshdNeeds, environment: libraries },
  { name: 'openssh-client', package: 'openssh-client', suite: 'bookworm', from: '9', programs: { ssh: 'usr/bin/ssh', 'ssh-keygen': 'usr/bin/ssh-keygen', 'ssh-keyscan': 'usr/bin/ssh-keyscan' }, system: true },
  { name: 'openssh-client-10', package: 'openssh-client', suite: 'sid', from: '10', programs: { 'ssh-10': 'usr/bin/ssh', 'ssh-keyscan-10': 'usr/bin/ssh-keyscan' }, needs: ssh10Needs, ownLoader: true },
  { name: 'promtool-3.5', package: 'promtool', suite: 'sid', from: '3.5', programs: { promtool: 'usr/bin/promtool' } },
  { name: 'prometheus-3.5', package: 'prometheus', suite: 'sid', from: '3.5', programs: { prometheus: 'usr/bin/prometheus' } },
  { name: 'pushgateway', package: 'prometheus-pushgateway', suite: 'sid', from: '1.11', programs: { pushgateway: 'usr/bin/prometheus-pushgateway' } },
  { name: 'node-exporter', package: 'prometheus-node-exporter', suite: 'sid', from: '1.11', programs: { 'node-exporter': 'usr/bin/prometheus-node-exporter' } },
  { name: 'victoria-metrics', package: 'victoria-metrics', suite: 'sid', from: '1.91', programs: { 'victoria-metrics': 'usr/bin/victoria-metrics' } },
  { name: 'ntfy', package: 'ntfy', suite: 'sid', from: '2.27', programs: { ntfy: 'usr/bin/ntfy' }, needs: { suite: 'bookworm', packages: ['libsqlite3-0'] }, environment: libraries },
  { name: 'apprise', package: 'apprise', suite: 'bookworm', from: '1.2', programs: { apprise: 'usr/bin/apprise' }, needs: appriseNeeds, environment: python },
  { name: 'alertmanager', package: 'prometheus-alertmanager', suite: 'sid', from: '0.33', programs: { alertmanager: 'usr/bin/prometheus-alertmanager', amtool: 'usr/bin/amtool' } },
  { name: 'systemd', package: 'systemd', suite: 'sid', from: '262', programs: { 'systemd-analyze': 'usr/bin/systemd-analyze' }, needs: systemdNeeds, ownLoader: true, libraryFolders: ['systemd'] },
  { name: 'redis', package: 'redis-server', suite: 'bookworm', from: '7', programs: { 'redis-server': 'usr/bin/redis-server', 'redis-cli': 'usr/bin/redis-cli' }, needs: redisNeeds, environment: libraries },
  { name: 'curl', package: 'curl', suite: 'bookworm', from: '7', programs: { curl: 'usr/bin/curl' }, system: true },
  { name: 'chromium', package: 'chromium', suite: 'bookworm', from: '100', programs: { chromium: 'usr/bin/chromium' }, system: true },
]

export const testTools: readonly string[] = toolTable.map((line) => line.name)
/** All that the first start needs. */
export const startTools: readonly string[] = ['restic-0.18']
