import { strict as assert } from 'node:assert'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { faultOf, findChangeFaults } from './change-files.ts'

const rows = [
  { name: 'two sentences are well', text: 'A reading hung for ever. It ends after `stall` now.\n', want: undefined },
  { name: 'a line may be broken', text: 'A reading hung\nfor ever.', want: undefined },
  { name: 'nothing is refused', text: ' \n', want: /empty/ },
  { name: 'a heading is refused', text: '# Fixed.', want: /plain sentences/ },
  { name: 'a list is refused', text: '- One.', want: /plain sentences/ },
  { name: 'two paragraphs are refused', text: 'One.\n\nTwo.', want: /one paragraph/ },
  { name: 'a fragment is refused', text: 'fix hang', want: /whole sentences/ },
  { name: 'a story is refused', text: `A${'a'.repeat(400)}.`, want: /401 characters|402 characters/ },
]

describe('the text of a change', () => {
  for (const { name, text, want } of rows) {
    it(name, () =>
      want === undefined ? assert.equal(faultOf(text), undefined) : assert.match(faultOf(text) ?? '', want),
    )
  }
})

it('names the files whose name or text is wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-changes-'))
  await writeFile(join(folder, 'README.md'), '')
  await writeFile(join(folder, 'fixed.hang.md'), 'A reading hung. It ends now.\n')
  await writeFile(join(folder, 'fix.Hang.md'), 'A reading hung. It ends now.\n')
  await writeFile(join(folder, 'added.x.md'), '')
  const faults = await findChangeFaults(folder)
  await rm(folder, { recursive: true })
  assert.equal(faults.length, 2)
  assert.match(faults[0] ?? '', /^changes\/added\.x\.md is empty/)
  assert.match(faults[1] ?? '', /^changes\/fix\.Hang\.md should be named/)
})
