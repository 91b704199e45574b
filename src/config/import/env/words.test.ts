// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are those of the shell
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { type Expansion, expandText, splitWords } from './words.ts'

const by: Expansion = {
  host: 'emby-6d4cf56db6-x8k2p',
  variable: (name) => ({ RESTIC_HOSTNAME: 'emby', PAIR: 'a b', EMPTY: '', RESTIC_PASSWORD: 'canary' })[name],
}
const said = (text: string) => {
  const split = splitWords(text, by)
  return split.ok ? split.words : split.message
}
const filled = (text: string) => {
  const expanded = expandText(text, by)
  return expanded.ok ? expanded.text : expanded.message
}

describe('words', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['  --exclude   *.tmp\n--one-file-system ', ['--exclude', '*.tmp', '--one-file-system']],
    [`--exclude='a b' --tag="x y"z`, ['--exclude=a b', '--tag=x yz']],
    [`a\\ b "c\\"d" 'e\\f' ""`, ['a b', 'c"d', 'e\\f', '']],
    ['--host $RESTIC_HOSTNAME x${RESTIC_HOSTNAME}y', ['--host', 'emby', 'xembyy']],
    ['$PAIR "$PAIR" x$PAIR $EMPTY "$EMPTY"', ['a', 'b', 'a b', 'xa', 'b', '']],
    ['${NONE:-some} $(hostname)', ['some', 'emby-6d4cf56db6-x8k2p']],
    ["$(hostname | cut -d '-' -f1) \\$PAIR '$PAIR' a$", ['emby', '$PAIR', '$PAIR', 'a$']],
  ]
  for (const [text, words] of rows) it(JSON.stringify(text), () => assert.deepEqual(said(text), words))

  const refused: readonly (readonly [string, RegExp])[] = [
    ['a | b', /holds "\|"/],
    ['a && b', /holds "&"/],
    ['a > b', /holds ">"/],
    ['`id`', /holds "`"/],
    ['$(id)', /holds "\$\("/],
    ['$(hostname; id)', /holds "\$\("/],
    ['"$(hostname | cut -d - -f1; id)"', /holds "\$\("/],
    ['${X#y}', /only a shell/],
    ['$1', /only a shell/],
    ['$NONE', /names NONE, which is not set/],
    ['$RESTIC_PASSWORD', /names the secret RESTIC_PASSWORD/],
    ["it's", /opens a ' and does not close it/],
  ]
  for (const [text, why] of refused) it(`are refused: ${text}`, () => assert.match(String(said(text)), why))

  it('quoted as for a shell, arrive byte for byte, whatever is in them', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
        assert.deepEqual(said(quoted), words)
      }),
    ))

  it('are an answer for any text, and never the secret', () =>
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('$RESTIC_PASSWORD', '${RESTIC_PASSWORD}', ''), (text, secret) => {
        assert.doesNotMatch(JSON.stringify([said(text + secret), filled(text + secret)]), /canary/)
      }),
    ))
})

describe('a title', () => {
  const rows: readonly (readonly [string, string])[] = [
    ["$(hostname | cut -d '-' -f1) - Backup failed", 'emby - Backup failed'],
    ['$(hostname|cut -f2 -d-)', '6d4cf56db6'],
    ['${RESTIC_HOSTNAME} & co. (failed); it\'s "bad"', 'emby & co. (failed); it\'s "bad"'],
    ['$HOSTNAME', 'emby-6d4cf56db6-x8k2p'],
    ['5 \\$ a \\` b', '5 $ a ` b'],
    ['costs 5$', 'costs 5$'],
  ]
  for (const [text, want] of rows) it(text, () => assert.equal(filled(text), want))
  it('runs nothing', () => {
    assert.match(filled('$(date) failed'), /only a shell/)
    assert.match(filled('`date`'), /only a shell/)
  })
})
