/** Reads what the tests of the documents look at: blocks of code, links, headings. */
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export interface Block {
  /** `sh run exit=4`. */
  readonly info: readonly string[]
  readonly text: string
  readonly line: number
}

export interface Page {
  /** Relative to the checkout. */
  readonly path: string
  readonly blocks: readonly Block[]
  /** Code in running text. */
  readonly spans: readonly string[]
  readonly links: readonly string[]
  /** As the end of a link names them. */
  readonly anchors: ReadonlySet<string>
}

export async function loadPages(): Promise<readonly Page[]> {
  const paths = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']
  for await (const path of glob('docs/**/*.md', { cwd: root })) paths.push(path)
  return Promise.all(paths.sort().map(async (path) => readPage(path, await readFile(join(root, path), 'utf8'))))
}

function readPage(path: string, text: string): Page {
  const blocks: Block[] = []
  const prose: string[] = []
  let open: { info: string[]; lines: string[]; line: number } | undefined
  text.split('\n').forEach((line, at) => {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) (open?.lines ?? prose).push(line)
    else if (open === undefined) open = { info: (fence[1] ?? '').trim().split(/\s+/), lines: [], line: at + 1 }
    else {
      blocks.push({ info: open.info, text: open.lines.join('\n'), line: open.line })
      open = undefined
    }
  })
  const running = prose.join('\n')
  return {
    path,
    blocks,
    spans: [...running.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? ''),
    links: [...running.replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? ''),
    anchors: new Set([...running.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))),
  }
}

/** Source: how GitHub makes the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
