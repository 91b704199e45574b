/** Text as somebody could write it into a name, a tag, a path or a message: the same for one seed on every machine. */
import { payloads } from '../http/payloads.ts'
import { roller } from '../real/roller.ts'

const pieces: readonly string[] = [
  'a\r\nBcc: evil@example.com',
  'x\nX-Evil: 1',
  '\r\n\r\n<script>window.pwned=1</script>',
  'x, evil@example.com, "y" <evil@example.com>',
  '=?utf-8?q?decoded_by_somebody?=',
  '=?utf-8?B?ZGVjb2RlZA==?= =?iso-8859-1?q?=E4?=',
  '=?utf-8?q?=0D=0AX-Evil:_1?=',
  '=?x?',
  'Priority: 5; Tags: x',
  '😀🛑👩‍👩‍👧',
  'e\u0301\u0323 ﷽ ㍿',
  '\u202Eevil\u202C\u2066\u200F',
  '\ud83d',
  '\udc00lone',
  '\u0000',
  '\u001b[31m\u0007',
  '\u2028line\u2029',
  '\ufeff\ufffd\ufffe',
  '%0d%0aX: 1 %00 %s %n',
  '--boundary\r\nContent-Type: text/html',
  '\n.\n.\r\n',
  '"\\"\\\\',
  '{{.Title}} `id` $(id)',
  '   ',
  ',;:@[]()<>',
]

/** Any character, of any plane, also halves of one. */
const anyCharacter = (roll: (below: number) => number): string => {
  const planes = [0x80, 0x800, 0x10000, 0x110000] as const
  return String.fromCodePoint(roll(planes[roll(planes.length)] ?? 0x80))
}

/** @returns That many texts of at most about `length` characters. */
export function nastyTexts(amount: number, seed: number, length = 120): readonly string[] {
  const roll = roller(seed)
  const all = [...pieces, ...payloads]
  return Array.from({ length: amount }, (_, at) => {
    // Each piece stands alone first.
    let text = at < all.length ? (all[at] ?? '') : ''
    while (at >= all.length && text.length < 1 + roll(length))
      text +=
        roll(3) === 0
          ? (all[roll(all.length)] ?? '')
          : Array.from({ length: 1 + roll(8) }, () => anyCharacter(roll)).join('')
    return text
  })
}
