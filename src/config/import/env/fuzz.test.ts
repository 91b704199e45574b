// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are those of the shell
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { it } from 'vitest'
import { Config } from '../../schema.ts'
import { importer } from './index.ts'
import { knownVariables } from './known.ts'

const names = [
  ...knownVariables,
  'MUSTER_LISTEN',
  'MUSTER_TOKEN',
  'MUSTER_ALLOW_SHELL',
  'KUBERNETES_SERVICE_HOST',
  'AWS_PROFILE',
]
/** Any text, and pieces of what belongs there. */
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          'true',
          'false',
          '-u',
          'a:b',
          ':',
          '--host',
          '--tag=x',
          '-o',
          '$HOME',
          '$(hostname)',
          '`id`',
          "'",
          '"',
          '\\',
          ' ',
          '\n',
          '0',
        ],
        ...[
          '7',
          '-1',
          'http://',
          'u:p@',
          'h',
          '/x',
          '*',
          '0 * * * *',
          'restic backup',
          '|',
          '__proto__',
          '--',
          '=',
          '${',
          '}',
          ',',
          '1.5',
        ],
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('')),
)
const good = {
  RESTIC_REPOSITORY: '/r',
  RESTIC_PASSWORD: 'p',
  RESTIC_SOURCE: '/s',
  NTFY_ENABLED: 'true',
  PUSHGATEWAY_ENABLED: 'true',
  PUSHGATEWAY_URL: 'http://h',
}

it('any environment is an answer: a configuration, or variables that are wrong by their names', () =>
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 5 }),
      fc.boolean(),
      fc.string({ minLength: 1 }),
      (variables, printed, host) => {
        const around = { variables: { ...good, ...variables }, host, readText: () => 'x', shell: () => 'x' }
        const { raw, errors, origin } = importer.read(around, printed ? { printed } : {})
        for (const { path, message, next } of errors) {
          assert.ok(path.length === 1 && names.includes(String(path[0])))
          assert.ok(message !== '' && next !== '')
        }
        assert.equal(raw === undefined, errors.length > 0)
        for (const { path } of (raw && Config.safeParse(raw).error?.issues) ?? [])
          assert.ok(origin?.(path as string[]) !== undefined, path.join('.'))
      },
    ),
    { numRuns: process.env.MUSTER_DEEP === undefined ? 1000 : 50_000 },
  ))
