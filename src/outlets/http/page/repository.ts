/** The page of a repository: its backup sets, and its snapshots, newest first. */
import { html } from 'hono/html'
import type { Snapshot } from '../../../model/snapshot.ts'
import type { RepositoryStanding, Standing } from '../../../model/standing.ts'
import { setName } from '../../../model/trouble.ts'
import { type Html, layout } from './layout.ts'
import { readingLamp, renderRepository } from './repository-panel.ts'
import { clock, count, moment, number, outside, size } from './words.ts'

const mostSnapshots = 500
const mostSets = 500

/** @param snapshots Newest last. */
export function renderRepositoryPage(
  { now, version }: Standing,
  repository: RepositoryStanding,
  snapshots: readonly Snapshot[],
): Html {
  const newest = snapshots.slice(-mostSnapshots).reverse()
  const cut =
    snapshots.length > newest.length
      ? html` <span class="aside">newest ${number(newest.length)} of ${number(snapshots.length)}</span>`
      : ''
  return layout(
    { title: repository.name, depth: 1, refresh: true, version },
    html`<nav class="crumbs"><a href="../">All</a> / Repository</nav>
<header class="card-head page-head"><h1>${outside(repository.name)}</h1>${readingLamp(repository)}</header>
${renderRepository(repository, { now, depth: 1, mostSets })}
<section><h2>Snapshots${cut}</h2>${newest.length === 0 ? html`<p class="none">None is known.</p>` : renderSnapshots(newest, now)}</section>`,
  )
}

function renderSnapshots(snapshots: readonly Snapshot[], now: Date): Html {
  const rows = snapshots.map(
    ({ id, takenAt, host, user, tags, paths, sizeBytes, files }) => html`<tr>
<th scope="row"><code>${id.slice(0, 8)}</code></th>
<td>${clock(takenAt)} <span class="aside">${moment(takenAt, now)}</span></td>
<td data-label="Backup set">${outside(setName({ host, user }))}</td>
<td data-label="Paths" class="paths">${paths.map((path) => html`<code>${outside(path)}</code> `)}${tags.map((tag) => html`<span class="tag">${outside(tag)}</span> `)}</td>
<td data-label="Files" class="figure">${count(files)}</td>
<td data-label="Size" class="figure">${size(sizeBytes)}</td>
</tr>`,
  )
  return html`<table class="snapshots panel">
<thead><tr><th scope="col">Snapshot</th><th scope="col">Taken</th><th scope="col">Backup set</th><th scope="col">Paths and tags</th><th scope="col" class="figure">Files</th><th scope="col" class="figure">Size</th></tr></thead>
<tbody>${rows}</tbody>
</table>`
}
