import { html } from 'hono/html';
import { type Route, routes } from '../../protocol/routes.ts';

/** It has a style of its own and nothing else. */
export const docsPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** A page about the API for people: every call with its scope. For machines there is /openapi.json. */
export const docsPage = (version: string) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>qgjob API</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b1f24; }
      table { border-collapse: collapse; width: 100%; }
      td, th { text-align: left; padding: 0.35rem 0.6rem; border-bottom: 1px solid #d8dee4; vertical-align: top; }
      code { font: 0.9em ui-monospace, monospace; white-space: nowrap; }
    </style>
  </head>
  <body>
    <h1>qgjob API ${version}</h1>
    <p>
      Shapes of every call: <a href="openapi.json">openapi.json</a>. Send the token as
      <code>Authorization: Bearer …</code>; its scope says which calls it may make.
    </p>
    <table>
      <thead><tr><th>Call</th><th>Does</th><th>Scope</th></tr></thead>
      <tbody>
        ${Object.values(routes).map(row)}
      </tbody>
    </table>
  </body>
</html>`;

const row = ({ method, path, summary, scope }: Route) =>
  html`<tr><td><code>${method} ${path}</code></td><td>${summary}</td><td>${scope}</td></tr>`;
