import { z } from 'zod'
import { isKey } from '../../system/ssh/known-hosts.ts'

const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/

/** `[box.example.com]:23 ssh-ed25519 AAAA…`, `@cert-authority *.example.com …`, `box.example.com SHA256:…`, or `SHA256:…` alone. */
const isPin = (text: string, bare: boolean): boolean => {
  const words = text.trim().split(/\s+/)
  if (words.length === 1) return bare && fingerprint.test(text)
  if (words.length === 2) return fingerprint.test(words[1] ?? '')
  const [, type = '', key = ''] = words[0] === '@cert-authority' ? words.slice(1) : words
  return isKey(type, key)
}

const pins = (bare: boolean) =>
  z
    .array(
      z.string().refine((text) => isPin(text, bare), {
        error: 'is no pinned host key',
        params: {
          next: `Write a line of known_hosts, such as [HOST]:23 ssh-ed25519 AAAA…, or ${bare ? '' : 'HOST and '}a fingerprint SHA256:….`,
        },
      }),
    )
    .optional()

const shape = {
  identity: z
    .string()
    .min(1)
    .refine((path) => !/^~(?!\/)/.test(path), {
      error: 'names the home of another user',
      params: { next: 'Write the whole path, or ~/ for your own home.' },
    })
    .optional()
    .meta({
      description: 'Private key to log in with; default: what the settings of ssh and its agent offer.',
      examples: ['/etc/muster/id_ed25519'],
    }),
  firstUse: z
    .enum(['refuse', 'accept'], { error: 'Write refuse or accept' })
    .optional()
    .meta({
      description:
        'Whether the host keys of a server that is not known yet are pinned unseen: `refuse` (default), or `accept`. A key that changes is refused in any case.',
      examples: ['refuse'],
    }),
}

/** For every repository that is reached over ssh. */
export const Ssh = z
  .strictObject({
    ...shape,
    knownHosts: pins(false).meta({
      description:
        'Host keys that are trusted, as lines of known_hosts, or as host and fingerprint. A server with a line here is trusted by these lines alone; others by what `muster hostkeys trust` pinned.',
      examples: [['[u1.your-storagebox.de]:23 SHA256:XqONwb1S0zuj5A1CDxpOSuD2hnAArV1A3wKY7Z1sdgM']],
    }),
  })
  .prefault({})
  .meta({ description: 'How servers are reached over ssh; each repository may say otherwise.' })

/** Of one repository; what is not said here is as it is for all. */
export const RepositorySsh = z
  .strictObject({
    ...shape,
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .meta({ description: 'Port of the server, where the address has none.', examples: [23] }),
    knownHosts: pins(true).meta({
      description: 'Host keys that are trusted for this repository, as lines of known_hosts or as fingerprints.',
      examples: [['SHA256:XqONwb1S0zuj5A1CDxpOSuD2hnAArV1A3wKY7Z1sdgM']],
    }),
  })
  .prefault({})
  .meta({ description: 'How the server is reached over ssh.' })
