/** Why ssh ended: by what it printed. */
import { type Fault, fault } from './storage/storage.ts'

/** By the words of OpenSSH; first match wins. They are told in ours, because a server may print anything. */
const causes: readonly (readonly [RegExp, Fault['kind'], string])[] = [
  [/remote host identification has changed/i, 'host-key', 'the host key has changed'],
  [/host key verification failed|no \S+ host key is known/i, 'host-key', 'the host key is not known'],
  [/permission denied|too many authentication failures/i, 'denied', 'ssh was not let in'],
  [/could not resolve hostname/i, 'unreachable', 'the name of the host cannot be resolved'],
  [/connection refused/i, 'unreachable', 'connection refused'],
  [/timed out/i, 'unreachable', 'no answer'],
  [/no route to host|network is unreachable/i, 'unreachable', 'no route to the host'],
  [/subsystem request failed/i, 'unsupported', 'the server offers no SFTP'],
  [/bad configuration option|unknown option|unsupported option/i, 'unsupported', 'ssh does not know an option'],
  [/connection (closed|reset)|broken pipe/i, 'unreachable', 'the connection was closed'],
]

/** Without the advice of ssh on files of host keys: it means those of its user, and would undo what Muster pinned. */
export const withoutAdvice = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/ssh-keygen -f .* -R |remove with:|Offending \S+ key in |Add correct host key in /.test(line))
    .join('\n')

export function faultOfEnd(stderr: string, code: number | null): { readonly ok: false; readonly fault: Fault } {
  for (const [words, kind, detail] of causes) if (words.test(stderr)) return fault(kind, detail)
  return fault('unreachable', code === null ? 'ssh was ended' : `ssh ended with ${code}`)
}
