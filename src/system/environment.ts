/** The variables every child may see; everything else has to be handed over by name. */
const allowed = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TZ',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
]

/**
 * The whole environment of a child process: what is on the allow-list here, plus `extra`, which wins.
 *
 * @param from Our own environment; an argument for tests.
 */
export function childEnvironment<T>(
  extra: Readonly<Record<string, T>>,
  from: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | T> {
  const environment: Record<string, string | T> = {}
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && (allowed.includes(name) || /^LC_[A-Z]+$/.test(name))) environment[name] = value
  }
  return { ...environment, ...extra }
}
