/** Where an ssh leads, as an address says it; the user's settings may lead elsewhere. */

export interface SshPlace {
  /** As it is written: a name, an address, or an alias of the user's settings. */
  readonly host: string
  /** Absent: that of the user's settings, else 22. */
  readonly port?: number
  readonly user?: string
  /** Of the folder there: absolute, or relative to the home. */
  readonly path?: string
  /** Further arguments of the user's own. */
  readonly args: readonly string[]
}

/** `host`, `host:23`, `[::1]:23`, `user@host:23`: what a person types. @returns Undefined when it is no host. */
export function parseHost(text: string): SshPlace | undefined {
  const [, user, inner, bare, port] =
    /^(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^[\]:\s]+|[0-9a-f]*:[0-9a-f:.]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  return placeOf(inner ?? bare, user, port)
}

/** `ssh://user@host:port/path`. @returns Undefined for all else. */
export function placeOfUrl(text: string): SshPlace | undefined {
  if (!/^(?:ssh|sftp):\/\//.test(text)) return undefined
  const url = URL.parse(text)
  if (url === null) return undefined
  try {
    return placeOf(
      url.hostname.replace(/^\[(.*)\]$/, '$1'),
      decodeURIComponent(url.username) || undefined,
      url.port || undefined,
      pathOf(decodeURIComponent(url.pathname)),
    )
  } catch {
    return undefined
  }
}

/** `ssh://…`, or `user@host:path` as scp and borg write it. A path has a slash before the colon, or none. */
export function placeOfScp(text: string): SshPlace | undefined {
  if (text.startsWith('ssh://')) return placeOfUrl(text)
  const [, user, inner, bare, path] =
    /^(?:([^@/:\s]+)@)?(?:\[([^\]\s]+)\]|([^[\]:/\s]+)):(?!\/\/)(.*)$/s.exec(text) ?? []
  return placeOf(inner ?? bare, user, undefined, path)
}

/** `/./x` and `/~/x` are below the home. Source: borg, "Repository URLs". */
const pathOf = (path: string): string => path.replace(/^\/(?:\.|~)\//, './')

/** What begins with a dash would be an option of ssh, some of which start programs. */
function placeOf(
  host: string | undefined,
  user: string | undefined,
  port: string | undefined,
  path?: string,
): SshPlace | undefined {
  const number = port === undefined ? undefined : Number(port)
  if (host === undefined || host === '' || host.startsWith('-') || user?.startsWith('-') || number === 0)
    return undefined
  if (number !== undefined && number > 65_535) return undefined
  return {
    host,
    ...(number !== undefined && { port: number }),
    ...(user !== undefined && { user }),
    ...(path && { path }),
    args: [],
  }
}

/** The arguments that lead there; the host comes last. */
export const toArguments = ({ host, port, user, args }: SshPlace): readonly string[] => [
  ...(port === undefined ? [] : ['-p', String(port)]),
  ...(user === undefined ? [] : ['-l', user]),
  ...args,
  host,
]

/** Storage boxes speak SFTP on port 22; borg, rsync and commands such as `df` on 23. Source: Hetzner, "Storage Box", access. */
export const isStorageBox = (host: string): boolean => /\.your-(?:storagebox\.de|backup\.de)$/i.test(host)
