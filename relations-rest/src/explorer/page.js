// The explorer: entities, their rows, and the requests that answer them. Nothing here writes.
// Texts of rows become text nodes, never HTML.

const at = (id) => document.getElementById(id);
const base = new URL('.', location.href);
const svg = (name, attributes = {}) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const make = (name, text, attributes = {}) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

const entities = new Map();
let place = { entity: '', path: '' };
let links = {};

async function start() {
  const answer = await fetch(new URL('openapi.json', base));
  const openapi = await answer.json();
  document.title = at('title').textContent = `${openapi.info.title} explorer`;
  for (const [name, schema] of Object.entries(openapi.components.schemas)) {
    const entity = schema['x-entity'];
    if (entity && entity.read) {
      entities.set(name, { name, ...entity });
    }
  }
  draw();
  addEventListener('hashchange', read);
  read();
}

// The place in the address: #/orders/1/lines?where=…
function read() {
  const hash = decodeURI(location.hash.slice(1)) || `/${[...entities.values()][0]?.path ?? ''}`;
  const raw = location.hash.slice(1) || hash;
  const [path, query = ''] = raw.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const segments = path.split('/').filter(Boolean);
  const source = [...entities.values()].find((entity) => entity.path === segments[0]);
  const relation = source?.relations.find((one) => segments.length > 1 && one.name === segments.at(-1));
  const target = relation ? entities.get(relation.target) : source;
  if (!target) return problem({ detail: `there is nothing at ${path}` });
  place = { entity: target.name, path };
  fill(target, parameters);
  mark();
  ask(parameters);
}

function fill(entity, parameters) {
  at('where').value = parameters.get('where') ?? '';
  at('limit').value = parameters.get('limit') ?? '20';
  const orders = ['', ...entity.properties.flatMap((name) => [name, `-${name}`])];
  at('order').replaceChildren(...orders.map((order) => {
    const text = order === '' ? 'by id' : order.startsWith('-') ? `${order.slice(1)} ↓` : `${order} ↑`;
    return make('option', text, { value: order });
  }));
  at('order').value = parameters.get('order') ?? '';
  const chosen = (parameters.get('include') ?? '').split(',');
  at('includes').querySelectorAll('label').forEach((label) => label.remove());
  for (const relation of entity.relations) {
    const box = make('input', undefined, { type: 'checkbox', value: relation.name });
    box.checked = chosen.includes(relation.name);
    const label = make('label');
    label.append(box, relation.name);
    at('includes').append(label);
  }
  at('includes').hidden = entity.relations.length === 0;
  const trail = place.path.split('/').filter(Boolean);
  at('trail').replaceChildren(...trail.flatMap((segment, index) => {
    const name = decodeURIComponent(segment);
    const link = index === 0 ? make('a', name, { href: `#/${segment}` }) : make('span', name);
    return [' / ', link];
  }));
}

function asked() {
  const parameters = new URLSearchParams();
  if (at('where').value.trim()) parameters.set('where', at('where').value.trim());
  if (at('order').value) parameters.set('order', at('order').value);
  parameters.set('limit', at('limit').value || '20');
  const include = [...at('includes').querySelectorAll('input:checked')].map((box) => box.value);
  if (include.length) parameters.set('include', include.join(','));
  return parameters;
}

const isRow = () => {
  const entity = [...entities.values()].find((one) => `/${one.path}` === `/${place.path.split('/')[1]}`);
  const segments = place.path.split('/').filter(Boolean);
  if (segments.length === 1) return false;
  const relation = entity.relations.find((one) => one.name === segments.at(-1));
  return relation ? !relation.many : true;
};

async function ask(parameters) {
  const query = new URLSearchParams(parameters);
  if (isRow()) for (const name of ['where', 'order', 'limit', 'after', 'before']) query.delete(name);
  else if (!query.has('limit')) query.set('limit', '20');
  const text = query.size ? `?${query}` : '';
  const url = new URL(place.path.slice(1) + text, base);
  at('request').textContent = `GET ${decodeURIComponent(url.pathname + url.search).replaceAll('+', ' ')}`;
  at('copy').dataset.text = `curl '${url}'`;
  at('status').textContent = '…';
  const start = performance.now();
  let answer;
  try {
    answer = await fetch(url, { headers: { accept: 'application/json' } });
  } catch {
    return problem({ detail: 'the server does not answer' });
  }
  const time = Math.round(performance.now() - start);
  told(answer.headers.get('x-statements'));
  links = linked(answer.headers.get('link'));
  at('next').disabled = !links.next;
  at('previous').disabled = !links.prev;
  if (answer.status === 204) return show([], time);
  const body = await answer.json().catch(() => ({ detail: `status ${answer.status}` }));
  if (!answer.ok) return problem(body);
  show(Array.isArray(body) ? body : [body], time);
}

// The statements of the request, where the API tells them.
function told(header) {
  const statements = header === null ? [] : JSON.parse(decodeURIComponent(header));
  at('statements').hidden = header === null;
  at('statements').querySelector('summary').textContent = `Statements: ${statements.length}`;
  at('statements').querySelector('ol').replaceChildren(...statements.map((sql) => make('li', sql)));
}

function linked(header) {
  const found = {};
  for (const [, url, relation] of (header ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)) {
    found[relation] = new URL(url, location.href).search.slice(1);
  }
  return found;
}

function problem(body) {
  const where = body.pointer ? ` (at ${body.pointer})` : '';
  const expected = Array.isArray(body.expected) ? `; expected: ${body.expected.join(', ')}` : '';
  at('problem').textContent = `${body.detail ?? 'no answer'}${where}${body.suggestion ? '' : expected}`;
  at('problem').hidden = false;
  at('rows').replaceChildren();
  at('status').textContent = '';
}

function show(rows, time) {
  at('problem').hidden = true;
  const entity = entities.get(place.entity);
  at('rows').replaceChildren(rows.length ? table(entity, rows, true) : make('p', 'There are no rows.', { class: 'hint' }));
  at('status').textContent = `${rows.length} rows, ${time} ms`;
}

const idOf = (entity, row) => entity.id.map((name) => encodeURIComponent(row[name])).join('/');

function table(entity, rows, sorts) {
  const included = entity.relations.filter((relation) => rows.some((row) => relation.name in row));
  const names = entity.properties.filter((name) => rows.some((row) => name in row));
  const head = make('tr');
  for (const name of names) {
    const cell = make('th', undefined, { scope: 'col' });
    if (sorts) {
      const order = at('order').value;
      const sort = order === name ? '-' : '';
      const button = make('button', name + (order === name ? ' ↑' : order === `-${name}` ? ' ↓' : ''), { type: 'button' });
      button.addEventListener('click', () => { at('order').value = sort + name; submit(); });
      cell.append(button);
    } else cell.textContent = name;
    head.append(cell);
  }
  for (const relation of included) head.append(make('th', relation.name, { scope: 'col' }));
  head.append(make('th', 'relations', { scope: 'col' }));
  const body = make('tbody');
  for (const row of rows) {
    const line = make('tr');
    for (const name of names) line.append(cell(entity, row, name));
    for (const relation of included) {
      const inner = make('td');
      const value = row[relation.name];
      const target = entities.get(relation.target);
      if (value === null) inner.append(make('span', 'null', { class: 'null' }));
      else if (typeof value === 'number') inner.textContent = value;
      else {
        const list = Array.isArray(value) ? value : [value];
        inner.append(list.length ? table(target, list, false) : make('span', 'none', { class: 'null' }));
      }
      line.append(inner);
    }
    const ways = make('td', undefined, { class: 'ways' });
    for (const relation of entity.relations) {
      const href = `#/${entity.path}/${idOf(entity, row)}/${relation.name}`;
      ways.append(make('a', relation.name, { href }), ' ');
    }
    line.append(ways);
    body.append(line);
  }
  const whole = make('table');
  const top = make('thead');
  top.append(head);
  whole.append(top, body);
  return whole;
}

function cell(entity, row, name) {
  const value = row[name];
  const inner = make('td', undefined, typeof value === 'number' ? { class: 'number' } : {});
  const relation = entity.relations.find((one) => one.keys.includes(name));
  if (value === null) inner.append(make('span', 'null', { class: 'null' }));
  else if (value === undefined) inner.textContent = '';
  else if (relation) {
    inner.append(make('a', String(value), { href: `#/${entity.path}/${idOf(entity, row)}/${relation.name}` }));
  } else if (entity.id.includes(name)) {
    inner.append(make('a', String(value), { href: `#/${entity.path}/${idOf(entity, row)}` }));
  } else inner.textContent = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return inner;
}

function draw() {
  const all = [...entities.values()];
  const columns = Math.max(1, Math.ceil(Math.sqrt(all.length)));
  const [width, height, gapX, gapY] = [118, 36, 34, 46];
  const spot = new Map(all.map((entity, index) => {
    const [column, row] = [index % columns, Math.floor(index / columns)];
    const shift = row % 2 ? 10 : 0;
    return [entity.name, { x: 8 + shift + column * (width + gapX), y: 10 + row * (height + gapY) }];
  }));
  const rows = Math.ceil(all.length / columns);
  at('diagram').setAttribute('viewBox', `0 0 ${columns * (width + gapX) + 4} ${rows * (height + gapY)}`);
  const drawn = new Set();
  for (const entity of all) {
    for (const relation of entity.relations) {
      const pair = [entity.name, relation.target].sort().join(' ');
      if (!spot.has(relation.target)) continue;
      const [from, to] = [spot.get(entity.name), spot.get(relation.target)];
      if (drawn.has(pair)) continue;
      drawn.add(pair);
      const [x, y] = [from.x + width / 2, from.y + height / 2];
      const path = from === to
        ? `M ${from.x + width - 12} ${from.y} a 12 10 0 1 1 12 12`
        : `M ${x} ${y} L ${to.x + width / 2} ${to.y + height / 2}`;
      at('diagram').append(svg('path', { class: 'edge', d: path, 'data-pair': pair }));
    }
  }
  for (const entity of all) {
    const { x, y } = spot.get(entity.name);
    const node = svg('a', { class: 'node', href: `#/${entity.path}`, 'data-name': entity.name });
    const text = svg('text', { x: x + width / 2, y: y + height / 2 + 1 });
    text.textContent = entity.name;
    const label = svg('title');
    label.textContent = `${entity.name}: ${entity.relations.map((one) => one.name).join(', ') || 'no relations'}`;
    node.append(label, svg('rect', { x, y, width, height, rx: 7 }), text);
    at('diagram').append(node);
  }
}

function mark() {
  for (const node of at('diagram').querySelectorAll('.node')) {
    const chosen = node.dataset.name === place.entity;
    node.classList.toggle('chosen', chosen);
    if (chosen) node.setAttribute('aria-current', 'true');
    else node.removeAttribute('aria-current');
  }
  for (const edge of at('diagram').querySelectorAll('.edge')) {
    edge.classList.toggle('marked', edge.dataset.pair.split(' ').includes(place.entity));
  }
}

function go(query) {
  const hash = `#${place.path}?${query}`;
  if (location.hash === hash) read();
  else location.hash = hash;
}

function submit() {
  go(asked().toString());
}

at('form').addEventListener('submit', (event) => { event.preventDefault(); submit(); });
at('clear').addEventListener('click', () => { at('where').value = ''; at('order').value = ''; submit(); });
at('includes').addEventListener('change', submit);
at('order').addEventListener('change', submit);
at('next').addEventListener('click', () => go(links.next));
at('previous').addEventListener('click', () => go(links.prev));
at('copy').addEventListener('click', async () => {
  await navigator.clipboard?.writeText(at('copy').dataset.text ?? '');
  at('status').textContent = 'copied';
});
const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
};
const theme = () => {
  at('theme').textContent = isDark() ? 'Light theme' : 'Dark theme';
};
at('theme').addEventListener('click', () => {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
  theme();
});
theme();
start().catch(() => problem({ detail: 'the API is not described at openapi.json' }));
