/** Messages as HTML that reads well on a phone: nothing is fetched, nothing runs, every text is escaped. */
import { html, raw } from 'hono/html'
import type { Entry, Message, Table } from '../../model/delivery.ts'
import { oneLine, shownLines } from '../../system/text.ts'
import { factsOf, headOf } from './words.ts'

type Html = ReturnType<typeof html>

const edge = { good: '#2e7d32', warning: '#b26a00', critical: '#c62828' } as const

export function htmlOf(message: Message): string {
  const { title, severity, entries, figures = [], tables = [], log, link, host, at } = message
  const body = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${title}</title></head>
<body style="margin:0;padding:16px;background:#f6f6f4;color:#1c1c1a;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:640px;margin:0 auto">
<h1 style="font-size:20px;border-left:6px solid ${edge[severity]};padding-left:12px">${title}</h1>
${entries.map((entry) => entryHtml(entry, at))}
${figures.length === 0 ? '' : html`<table style="width:100%">${figures.map(({ name, value }) => html`<tr><td style="color:#666">${name}</td><td>${value}</td></tr>`)}</table>`}
${tables.map(tableHtml)}
${log === undefined ? '' : html`<h2 style="font-size:16px">Last output</h2><pre style="white-space:pre-wrap;background:#fff;padding:8px;font-size:13px">${shownLines(log)}</pre>`}
${link === undefined ? '' : html`<p><a href="${link}">Open Muster</a></p>`}
<p style="color:#666;font-size:13px">Muster on ${host}</p>
</div></body></html>`
  return String(body)
}

function entryHtml(entry: Entry, now: Date): Html {
  const colour = entry.event === 'closed' ? edge.good : edge[entry.severity]
  return html`<div style="background:#fff;border-left:4px solid ${colour};padding:8px 12px;margin:12px 0">
<strong>${headOf(entry, now)}</strong>
<table style="width:100%;font-size:15px">${factsOf(entry, now).map(([label, value]) => html`<tr><td style="color:#666;vertical-align:top;white-space:nowrap;padding-right:8px">${label}</td><td>${value}</td></tr>`)}</table>
</div>`
}

const cell = raw('padding:4px 8px;border-bottom:1px solid #ddd;text-align:left;vertical-align:top')

function tableHtml({ title, columns, rows }: Table): Html {
  return html`<h2 style="font-size:16px">${title}</h2>
<table style="width:100%;background:#fff;border-collapse:collapse;font-size:14px">
<tr>${columns.map((column) => html`<th style="${cell}">${column}</th>`)}</tr>
${rows.map((row) => html`<tr>${row.map((text) => html`<td style="${cell}">${oneLine(text)}</td>`)}</tr>`)}
</table>`
}
