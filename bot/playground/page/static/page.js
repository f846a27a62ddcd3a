"use strict";
// The page of the playground. Whatever comes from the app is put on the screen as text nodes, never as HTML.

const TOKEN = document.querySelector('meta[name="playground-token"]').content;
const $ = (id) => document.getElementById(id);
const S = { start: null, who: null, place: null, thread: null, tab: "messages", screen: null, mark: null,
  turn: 0, skew: 0, read: {}, hints: [], typed: {}, chosen: 0, offers: [], abort: null, drawn: {} };

// -- asking the server ----------------------------------------------------------------------------------------

async function call(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { "X-Playground-Token": TOKEN, ...options.headers } });
  return answer;
}

async function read(path, query, signal) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null));
  const answer = await call(`${path}?${asked}`, { signal });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.refused), { body, status: answer.status });
  return body;
}

async function post(path, body) {
  const answer = await call(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  return answer.json();
}

// Does something as the person on the screen; true when it went well. What did not is said at `at` or below.
async function act(gesture, at = null) {
  hush();
  let came;
  try {
    came = await post("/api/do", { as: S.who, ...gesture });
  } catch {
    tell(w("offline"), at);
    return null;
  }
  if (came.refused) tell(refusal(came, gesture), at);
  else if (came.problem) tell(w(`problem.${came.problem}`, came), at);
  return came.refused || came.problem ? null : came;
}

function refusal(came, gesture) {
  const command = (gesture.text || "").split(" ")[0];
  const key = `refused.${came.refused}`;
  return key in words() ? w(key, { command, detail: came.detail }) : w("refused.other", came);
}

// -- words and times ------------------------------------------------------------------------------------------

function words() {
  const locale = S.screen ? S.screen.me.locale : Object.keys(S.start.words)[0];
  const same = (tag) => tag.split("-")[0] === locale.split("-")[0];
  const chosen = S.start.words[locale] ? locale : Object.keys(S.start.words).find(same);
  return S.start.words[chosen || Object.keys(S.start.words)[0]];
}

function w(key, data = {}) {
  return (words()[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in data ? data[name] : whole));
}

function time(ts, form, zone = S.screen.me.zone) {
  return new Intl.DateTimeFormat(S.screen.me.locale, { hourCycle: "h23", timeZone: zone, ...form })
    .format(new Date(Number(ts) * 1000));
}

const hour = (ts) => time(ts, { hour: "2-digit", minute: "2-digit" });
const day = (ts) => time(ts, { weekday: "long", day: "numeric", month: "long" });

// "2026-11-24T10:06" on the clocks of a zone, from seconds and back.
function wall(seconds, zone) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23",
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" })
    .formatToParts(new Date(seconds * 1000)).map((part) => [part.type, part.value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

function instant(text, zone) {
  const wanted = Date.parse(`${text}:00Z`) / 1000;
  let at = wanted;
  for (let i = 0; i < 3; i += 1) at += wanted - Date.parse(`${wall(at, zone)}:00Z`) / 1000;
  return at;
}

// -- making elements ------------------------------------------------------------------------------------------

function make(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key in element && !key.startsWith("aria") && key !== "list") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...inside.flat(Infinity).filter((one) => one !== null && one !== undefined));
  return element;
}

function nodes(list) {
  return list.map((node) => {
    if (typeof node === "string") return document.createTextNode(node);
    if (node.t === "code") return make("code", {}, node.x);
    if (node.t === "pre") return make("pre", {}, node.x);
    const inside = nodes(node.c);
    if (node.t === "a" && /^(https?:|mailto:)/i.test(node.href)) {
      return make("a", { href: node.href, target: "_blank", rel: "noopener noreferrer" }, inside);
    }
    if (node.t === "at") return make("span", { class: node.me ? "at me" : "at" }, inside);
    return make({ b: "strong", i: "em", s: "s", quote: "blockquote" }[node.t] || "span", {}, inside);
  });
}

const said = (list) => list.map((n) => (typeof n === "string" ? n : n.x ?? said(n.c))).join("");
const label = (text) => (text ? said(text.nodes) : "");
const text = (object, tag = "div") => make(tag, { class: "text" }, nodes(object.nodes));

// Keeps what has not changed, so that a focus or a half-made choice is not lost.
function keyed(holder, items, key, build) {
  const held = new Map([...holder.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const name = key(item);
    const signature = JSON.stringify([item, S.who, words().send]);
    const there = held.get(name);
    if (there && there.signature === signature) return there;
    const built = build(item, there);
    built.dataset.key = name;
    built.signature = signature;
    return built;
  });
  if (wanted.length !== holder.children.length || wanted.some((one, i) => holder.children[i] !== one)) {
    holder.replaceChildren(...wanted);
  }
}

// -- Block Kit ------------------------------------------------------------------------------------------------

// `on`: {place, ts} of a message or {view} of a home tab or modal; `errors` by block, for a modal.
function blocks(list, on, errors = {}) {
  return make("div", { class: "blocks" }, list.map((one) => block(one, on, errors)));
}

function block(one, on, errors) {
  switch (one.type) {
    case "header": return make("h3", { class: "text" }, nodes(one.text.nodes));
    case "divider": return make("hr");
    case "section": return section(one, on);
    case "context": return make("div", { class: "context" }, one.elements.map((item) =>
      (item.type === "image" ? image(item) : text(item, "span"))));
    case "actions": return make("div", { class: "actions" }, one.elements.map((item) => element(item, one, on)));
    case "image": return image(one);
    case "input": return input(one, on, errors);
    default: return make("div", { class: "text" }, flat(one));
  }
}

function flat(value) {
  if (Array.isArray(value)) return value.map(flat).join("");
  if (value && typeof value === "object") return typeof value.text === "string" ? value.text : flat(value.elements || []);
  return "";
}

function section(one, on) {
  const what = make("div", { class: "what" });
  if (one.text) what.append(text(one.text));
  if (one.fields) what.append(make("div", { class: "fields" }, one.fields.map((field) => text(field))));
  return make("div", { class: "section" }, what, one.accessory ? element(one.accessory, one, on) : null);
}

function image(one) {
  const address = one.slack_file ? one.slack_file.id || one.slack_file.url || "" : "";
  const key = (address.match(/F\d{8,}/) || [null])[0];
  return picture(key, one.alt_text, one.title ? label(one.title) : "");
}

function picture(key, alt, title) {
  const shown = make("figure", { class: "picture", style: "margin:0" });
  if (title) shown.append(make("figcaption", {}, title));
  if (key) {
    const img = make("img", { alt });
    call(`/api/file/${key}?as=${encodeURIComponent(S.who)}`).then((answer) => (answer.ok ? answer.blob() : null))
      .then((blob) => { if (blob) img.src = URL.createObjectURL(blob); });
    shown.append(img);
  } else {
    // Pictures from elsewhere are not fetched: the page asks nobody but its own server.
    shown.append(make("span", { class: "alt" }, `🖼 ${alt}`));
  }
  return shown;
}

// Values of the fields of a view as they stand on the screen, by block.
function typed(view) {
  S.typed[view] ??= {};
  return S.typed[view];
}

function values(on) {
  return on.view ? { ...typed(on.view) } : undefined;
}

async function use(one, holder, on, control, chosen) {
  if (one.confirm && !(await ask(one.confirm))) return;
  if (one.url && /^https?:/i.test(one.url)) window.open(one.url, "_blank", "noopener");
  if (control) control.disabled = true;
  const gesture = chosen === undefined ? { do: "press" } : { do: "choose", value: chosen };
  await act({ ...gesture, ...on, action: one.action_id, block: holder.block_id, typed: values(on) }, on.at);
  if (control) control.disabled = false;
}

// An element that tells the app at once, in a message, a home tab, or outside of the inputs of a modal.
function element(one, holder, on) {
  if (one.type === "button") {
    const button = make("button", { type: "button", class: `element ${one.style || ""}`, "data-action": one.action_id,
      "data-value": one.value, "aria-label": one.accessibility_label || null }, label(one.text));
    button.addEventListener("click", () => use(one, holder, on, button));
    return button;
  }
  if (one.type === "image") return image(one);
  if (one.type === "overflow") {
    const menu = make("select", { "aria-label": "…", "data-action": one.action_id },
      make("option", { value: "" }, "⋯"), one.options.map((o) => make("option", { value: o.value }, label(o.text))));
    menu.addEventListener("change", async () => {
      const chosen = menu.value;
      menu.value = "";
      if (chosen) await use(one, holder, on, menu, chosen);
    });
    return menu;
  }
  return field(one, holder, on, (value) => {
    if (on.view && holder.type === "section") typed(on.view)[holder.block_id] = value;
    return use(one, holder, on, null, value);
  });
}

// One field; `changed` hears its value: a string, or a list where several may be chosen.
function field(one, holder, on, changed) {
  const kept = on.view ? typed(on.view)[holder.block_id] : undefined;
  const attributes = { "data-action": one.action_id, placeholder: one.placeholder ? label(one.placeholder) : null };
  const listen = (control, event = "change") => {
    control.addEventListener(event, () => changed(control.value));
    return control;
  };
  const kind = one.type;
  if (kind === "plain_text_input" || /^(email|url)_text_input$/.test(kind) || kind === "number_input") {
    const tag = one.multiline ? "textarea" : "input";
    const type = { email_text_input: "email", url_text_input: "url", number_input: "number" }[kind] || "text";
    const extra = tag === "input" ? { type } : { rows: 4 };
    const control = make(tag, { ...attributes, ...extra, dir: "auto", maxLength: one.max_length || 3000,
      value: kept ?? one.initial_value ?? "" });
    if (one.is_decimal_allowed) control.step = "any";
    return listen(control, "input");
  }
  if (kind === "datepicker" || kind === "timepicker") {
    const type = kind === "datepicker" ? "date" : "time";
    return listen(make("input", { ...attributes, type, value: kept ?? one[`initial_${type}`] ?? "" }));
  }
  if (kind === "datetimepicker") {
    const zone = S.screen.me.zone;
    const at = kept ?? one.initial_date_time;
    const control = make("input", { ...attributes, type: "datetime-local", value: at ? wall(Number(at), zone) : "" });
    control.addEventListener("change", () => changed(control.value ? String(instant(control.value, zone)) : ""));
    return control;
  }
  if (kind === "checkboxes" || kind === "radio_buttons" || kind.startsWith("multi_")) return several(one, kept, changed);
  if (kind === "external_select") return lookup(one, holder, on, changed);
  const start = kept ?? (one.initial_option ? one.initial_option.value
    : one.initial_user || one.initial_channel || one.initial_conversation || "");
  const control = make("select", attributes, make("option", { value: "" }, attributes.placeholder || "–"), offered(one));
  control.value = start;
  return listen(control);
}

function offered(one) {
  const option = (o) => make("option", { value: o.value }, label(o.text));
  if (one.option_groups) {
    return one.option_groups.map((group) => make("optgroup", { label: label(group.label) }, group.options.map(option)));
  }
  return choices(one).map((o) => make("option", { value: o.value }, o.label));
}

function choices(one) {
  if (one.type.endsWith("users_select")) return S.start.people.map((p) => ({ value: p.id, label: `${p.name} (@${p.handle})` }));
  if (/(channels|conversations)_select$/.test(one.type)) {
    return S.screen.places.filter((p) => !p.app).map((p) => ({ value: p.id, label: `#${p.name}` }));
  }
  const groups = one.option_groups ? one.option_groups.flatMap((group) => group.options) : one.options || [];
  return groups.map((o) => ({ value: o.value, label: label(o.text), description: o.description ? label(o.description) : "" }));
}

function several(one, kept, changed) {
  const single = one.type === "radio_buttons";
  const initial = (one.initial_options || (one.initial_option ? [one.initial_option] : [])).map((o) => o.value);
  const start = kept ?? (initial.length ? initial : one.initial_users || one.initial_channels || one.initial_conversations || []);
  const chosen = new Set([start].flat());
  const box = make("div", { class: one.type.startsWith("multi_") ? "many" : "choices", role: "group" });
  for (const choice of choices(one)) {
    const tick = make("input", { type: single ? "radio" : "checkbox", name: one.action_id, checked: chosen.has(choice.value) });
    tick.dataset.value = choice.value;
    tick.addEventListener("change", () => {
      const ticked = [...box.querySelectorAll("input:checked")].map((each) => each.dataset.value);
      changed(single ? ticked[0] || "" : ticked);
    });
    box.append(make("label", {}, tick, " ", choice.label,
      choice.description ? make("span", { class: "description" }, ` ${choice.description}`) : null));
  }
  return box;
}

function lookup(one, holder, on, changed) {
  const list = make("select", { size: 4, hidden: true });
  const control = make("input", { type: "text", "data-action": one.action_id, dir: "auto",
    value: one.initial_option ? label(one.initial_option.text) : "" });
  control.addEventListener("input", async () => {
    if (control.value.length < (one.min_query_length ?? 3)) return;
    const found = await act({ do: "options", ...on, action: one.action_id, block: holder.block_id, text: control.value }, on.at);
    list.replaceChildren(...(found ? found.options : []).map((o) => make("option", { value: o.value }, o.label)));
    list.hidden = !list.children.length;
  });
  list.addEventListener("change", () => {
    control.value = list.selectedOptions[0].textContent;
    changed({ value: list.value, label: control.value });
    list.hidden = true;
  });
  return make("div", {}, control, list);
}

function input(one, on, errors) {
  const wrong = errors[one.block_id];
  const control = field(one.element, one, on, (value) => {
    typed(on.view)[one.block_id] = value;
    if (one.dispatch_action) use(one.element, one, on, null, value);
  });
  const name = `field-${one.block_id}`;
  control.id = name;
  return make("div", { class: wrong ? "input bad" : "input", "data-block": one.block_id },
    make("label", { class: "name", htmlFor: name }, label(one.label),
      one.optional ? make("span", { class: "optional" }, ` ${w("optional")}`) : null),
    control,
    one.hint ? make("div", { class: "hintline" }, label(one.hint)) : null,
    wrong ? make("div", { class: "wrong", role: "alert" }, wrong) : null);
}

// -- messages -------------------------------------------------------------------------------------------------

const COLOURS = ["#1d3d5c", "#7a3e6d", "#2f6e4f", "#8a5a1c", "#34567e", "#6b3a3a"];

function face(message) {
  if (message.bot) return make("div", { class: "face", style: "background:#007a5a", "aria-hidden": "true" }, "M");
  const initials = message.author.split(/\s+/).map((part) => [...part][0] || "").slice(0, 2).join("");
  const colour = COLOURS[[...message.author].reduce((sum, c) => sum + c.codePointAt(0), 0) % COLOURS.length];
  return make("div", { class: "face", style: `background:${colour}`, "aria-hidden": "true" }, initials.toUpperCase());
}

function message(one, place, inThread) {
  const on = { place, ts: one.ts };
  const body = make("div", { class: "body" });
  body.append(one.blocks.length ? blocks(one.blocks, on) : make("div", { class: "text" }, nodes(one.text)));
  for (const file of one.files) body.append(attached(file));
  if (one.reactions.length) {
    body.append(make("div", {}, one.reactions.map((r) => make("span", { class: "reaction" }, `${r.shown} ${r.count}`))));
  }
  let answer = null;
  if (!inThread && !one.whisper) {
    const open = () => go({ thread: one.ts });
    if (one.replies) {
      const count = w(one.replies === 1 ? "reply_one" : "replies", { n: one.replies });
      body.append(make("button", { type: "button", class: "plain replies", onclick: open }, count));
    }
    answer = make("button", { type: "button", class: "plain reply", onclick: open }, w("reply"));
  }
  return make("article", { class: one.whisper ? "message whisper" : "message" },
    one.whisper ? make("div", { class: "only" }, `👁 ${w("only_you")}`) : null,
    face(one),
    make("div", { class: "head" }, make("b", {}, one.author), one.bot ? make("span", { class: "app" }, w("app")) : null,
      make("time", {}, hour(one.ts)), one.edited ? ` ${w("edited")}` : "", one.pinned ? " 📌" : "", answer),
    body);
}

function attached(file) {
  if (file.picture) return picture(file.id, file.alt, file.name);
  const open = async () => {
    const answer = await call(`/api/file/${file.id}?as=${encodeURIComponent(S.who)}`);
    if (!answer.ok) return;
    const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: file.name });
    link.click();
  };
  return make("button", { type: "button", class: "file plain", onclick: open }, `📄 ${file.name}`);
}

// -- drawing the screen ---------------------------------------------------------------------------------------

function here() {
  return S.screen.places.find((place) => place.id === S.place);
}

function draw() {
  const place = here();
  if (!place) return;
  document.documentElement.lang = S.screen.me.locale;
  document.title = `${place.app ? "Muster" : `#${place.name}`} · ${S.start.workspace}`;
  top_();
  side();
  title(place);
  const showsHome = place.app && S.tab === "home";
  $("home").hidden = !showsHome;
  $("messages").hidden = showsHome;
  if (showsHome) home();
  else list(place);
  composer(place, showsHome);
  thread(place);
  modal();
}

function top_() {
  const signature = JSON.stringify([S.who, S.screen.me.locale, S.start.levers]);
  if (S.drawn.top === signature) return;
  S.drawn.top = signature;
  $("menu").setAttribute("aria-label", w("menu"));
  const first = S.start.players.filter((player) => player.first);
  const other = make("select", { "aria-label": w("you_are"), id: "other" });
  for (const role of new Set(S.start.players.map((player) => player.role))) {
    other.append(make("optgroup", { label: w(`role.${role}`) }, S.start.players.filter((p) => p.role === role)
      .map((p) => make("option", { value: p.id, selected: p.id === S.who }, p.name))));
  }
  other.classList.toggle("current", !first.some((player) => player.id === S.who));
  other.addEventListener("change", () => other.value && be(other.value));
  $("players").setAttribute("aria-label", w("you_are"));
  $("players").replaceChildren(...first.map((player) => make("button", { type: "button", "data-player": player.handle,
    "aria-pressed": String(player.id === S.who), onclick: () => be(player.id) },
    `${w(`role.${player.role}`)}: ${player.name}`)), other);
  $("language").setAttribute("aria-label", w("language"));
  $("language").replaceChildren(...Object.keys(S.start.words).map((locale) => make("button", { type: "button", "data-locale": locale,
    "aria-pressed": String(locale.split("-")[0] === S.screen.me.locale.split("-")[0]),
    onclick: () => act({ do: "locale", locale }) }, S.start.words[locale].this_language)));
  $("levers").replaceChildren(...S.start.levers.map((name) => {
    const button = make("button", { type: "button", "data-lever": name, title: w(`lever.${name}.what`) }, w(`lever.${name}`));
    button.addEventListener("click", async () => {
      button.disabled = true;
      hush();
      try {
        const came = await post("/api/pull", { lever: name });
        if (came.happened) tell(w(`happened.${came.happened}`, came.data), null, true);
        else tell(w("refused.other", came));
      } catch {
        tell(w("offline"));
      }
      button.disabled = false;
    });
    return button;
  }));
}

function side() {
  const unread = (place) => place.id !== S.place && place.last > (S.read[S.who]?.[place.id] ?? 0);
  const row = (place) => make("button", { type: "button", class: unread(place) ? "place unread" : "place", "data-place": place.id,
    "aria-current": place.id === S.place ? "page" : null, onclick: () => go({ place: place.id, thread: null, tab: "messages" }) },
    place.app ? "▣ Muster" : `${place.private ? "🔒" : "#"} ${place.name}`);
  const role = S.start.players.find((player) => player.id === S.who)?.role;
  const signature = JSON.stringify([S.screen.places.map((p) => [p, unread(p)]), S.place, S.screen.me, role]);
  if (S.drawn.side === signature) return;
  S.drawn.side = signature;
  const tips = [1, 2, 3, 4].map((n) => `try.${role}.${n}`).filter((key) => key in words());
  $("side").replaceChildren(
    make("h1", {}, S.start.workspace), make("h2", {}, w("channels")), ...S.screen.places.filter((p) => !p.app).map(row),
    make("h2", {}, w("apps")), ...S.screen.places.filter((p) => p.app).map(row),
    make("div", { class: "try" }, make("strong", {}, w("try")), make("ul", {}, tips.map((key) => make("li", {}, tip(w(key)))))));
}

// A tip's commands, in backquotes, are put into the composer with a click.
function tip(sentence) {
  return sentence.split("`").map((piece, i) => (i % 2
    ? make("code", { role: "button", tabIndex: 0, onclick: () => fill(piece), onkeydown: (e) => e.key === "Enter" && fill(piece) }, piece)
    : piece));
}

// What stands in backquotes, as code.
function coded(sentence) {
  return sentence.split("`").map((piece, i) => (i % 2 ? make("code", {}, piece) : piece));
}

function fill(command) {
  if ($("composer").hidden) go({ place: S.start.start_in || S.screen.places[0].id, tab: "messages" });
  $("side").classList.remove("open");
  $("text").value = command;
  grow();
  $("text").focus();
  complete();
}

function title(place) {
  const signature = JSON.stringify([place, S.tab, S.screen.me.locale]);
  if (S.drawn.title === signature) return;
  S.drawn.title = signature;
  const tab = (name) => make("button", { type: "button", role: "tab", "data-tab": name, "aria-selected": String(S.tab === name),
    onclick: () => { S.drawn.opened = null; go({ tab: name }); } }, w(`tab.${name}`));
  $("title").replaceChildren(
    make("h2", {}, place.app ? "Muster" : `${place.private ? "🔒" : "#"} ${place.name}`),
    place.topic ? make("p", { class: "topic" }, place.topic) : "",
    place.app && S.start.home ? make("div", { class: "tabs", role: "tablist" }, tab("home"), tab("messages")) : "");
}

function home() {
  const shown = S.screen.home;
  if (S.drawn.opened !== S.who) {
    // Slack tells the app whenever somebody looks.
    S.drawn.opened = S.who;
    act({ do: "home" });
  }
  const signature = JSON.stringify([shown, S.screen.me]);
  if (S.drawn.home === signature) return;
  S.drawn.home = signature;
  $("home").replaceChildren(shown ? blocks(shown.blocks, { view: shown.id }) : make("p", { class: "empty" }, w("no_home")));
}

function list(place) {
  const holder = $("messages");
  const said_ = S.screen.here && S.screen.here.id === place.id ? S.screen.here.messages : [];
  const low = holder.scrollHeight - holder.scrollTop - holder.clientHeight < 80;
  const items = [];
  let before = null;
  for (const one of said_) {
    const on = day(one.ts);
    if (on !== before) items.push({ day: on });
    before = on;
    items.push(one);
  }
  if (!items.length) items.push({ none: w("nothing_yet") });
  keyed(holder, items, (one) => one.day || one.none || `${place.id}/${one.ts}`, (one, old) => {
    if (one.none) return make("p", { class: "empty" }, one.none);
    if (one.day) return make("div", { class: "day" }, make("span", {}, one.day));
    const built = message(one, place.id, false);
    if (!old && S.drawn.place === place.id + S.who) built.classList.add("fresh");
    return built;
  });
  if (low || S.drawn.place !== place.id + S.who) holder.scrollTop = holder.scrollHeight;
  S.drawn.place = place.id + S.who;
  S.read[S.who] ??= {};
  S.read[S.who][place.id] = Math.max(S.read[S.who][place.id] ?? 0, place.last);
}

function composer(place, showsHome) {
  const closed = place.app && S.start.read_only;
  $("composer").hidden = showsHome || closed || !place.member;
  $("readonly").hidden = showsHome || !(closed || !place.member);
  $("readonly").textContent = w(closed ? "read_only" : "not_member");
  $("send").textContent = w("send");
  $("text").placeholder = w("write_in", { place: place.app ? "Muster" : `#${place.name}` });
  $("attach").title = w("attach");
  $("file").setAttribute("aria-label", w("attach"));
}

function thread(place) {
  const panel = $("thread");
  const shown = S.thread ? S.screen.thread : null;
  panel.hidden = !shown;
  if (!shown) return;
  if (!panel.children.length || panel.dataset.key !== `${shown.ts}${S.screen.me.locale}`) {
    panel.dataset.key = `${shown.ts}${S.screen.me.locale}`;
    const box = make("input", { type: "text", "aria-label": w("reply"), placeholder: w("reply"), dir: "auto" });
    const trouble = make("p", { class: "trouble", role: "alert", hidden: true });
    const form = make("form", {}, box, make("button", { type: "submit", class: "primary" }, w("send")));
    form.hidden = !place.member || (place.app && S.start.read_only);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said_ = box.value.trim();
      trouble.hidden = true;
      const gesture = { do: "say", place: place.id, thread: S.thread, text: said_ };
      if (said_.startsWith("/")) tell(w("in_thread", { command: said_.split(" ")[0] }), trouble);
      else if (said_ && (await act(gesture, trouble))) box.value = "";
    });
    panel.replaceChildren(make("header", {}, w("thread"),
      make("button", { type: "button", class: "plain", "aria-label": w("close"), onclick: () => go({ thread: null }) }, "✕")),
      make("div", { class: "list" }), trouble, form);
  }
  keyed(panel.querySelector(".list"), shown.messages, (one) => one.ts, (one) => message(one, place.id, true));
}

// -- modal and confirmations ----------------------------------------------------------------------------------

function modal() {
  const shown = S.screen.modal;
  const signature = shown ? JSON.stringify([shown, S.screen.me]) : "";
  if (S.drawn.modal === signature) return;
  const before = S.drawn.view;
  S.drawn.modal = signature;
  S.drawn.view = shown ? shown.id : null;
  if (!shown) {
    $("veil").hidden = true;
    $("veil").replaceChildren();
    return;
  }
  openModal(shown, shown.errors, before !== shown.id);
}

function openModal(shown, errors, fresh) {
  const trouble = make("p", { class: "trouble", role: "alert", hidden: true });
  const on = { view: shown.id };
  const form = make("form", { class: "dialog", role: "dialog", "aria-modal": "true", "aria-label": shown.title, noValidate: true });
  const shut = () => act({ do: "close", view: shown.id }, trouble);
  const inside = make("div", { class: "inside" }, blocks(shown.blocks, { ...on, at: trouble }, errors));
  const send = shown.submit ? make("button", { type: "submit", class: "primary" }, shown.submit) : null;
  form.append(make("header", {}, make("h2", {}, shown.title),
    make("button", { type: "button", class: "plain", "aria-label": w("close"), onclick: () => act({ do: "close", view: shown.id, all: true }, trouble) }, "✕")),
    inside, trouble, make("footer", {}, make("button", { type: "button", onclick: shut }, shown.close || w("close")), send || ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    const came = await act({ do: "submit", view: shown.id, typed: typed(shown.id) }, trouble);
    send.disabled = false;
    if (came && came.missing) {
      const empty = Object.fromEntries(came.missing.map((name) => [name, w("required")]));
      openModal(shown, empty, false);
      $("veil").querySelector(".bad input, .bad select, .bad textarea")?.focus();
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shut();
    if (event.key === "Tab") within(form, event);
  });
  const at = $("veil").querySelector(".inside")?.scrollTop ?? 0;
  const cursor = fresh ? null : document.activeElement?.closest("#veil .input")?.dataset.block;
  $("veil").replaceChildren(form);
  $("veil").hidden = false;
  if (fresh) (form.querySelector(".inside input, .inside select, .inside textarea") || form.querySelector("footer button")).focus();
  else {
    // The app drew its form anew while somebody was in it.
    inside.scrollTop = at;
    const field_ = cursor && form.querySelector(`[data-block="${CSS.escape(cursor)}"] :is(input, select, textarea)`);
    if (field_) field_.focus();
  }
}

function within(dialog, event) {
  const stops = [...dialog.querySelectorAll("button, input, select, textarea, a[href]")].filter((one) => !one.disabled && one.offsetParent);
  const [first, last] = [stops[0], stops.at(-1)];
  if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last.focus(); }
  else if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
}

function ask(confirm) {
  return new Promise((done) => {
    const before = document.activeElement;
    const end = (answer) => { $("asking").hidden = true; $("asking").replaceChildren(); before?.focus(); done(answer); };
    const sure = make("button", { type: "button", class: confirm.style === "danger" ? "danger sure" : "primary", onclick: () => end(true) },
      label(confirm.confirm));
    const dialog = make("div", { class: "dialog", role: "alertdialog", "aria-modal": "true", "aria-label": label(confirm.title) },
      make("header", {}, make("h2", {}, label(confirm.title))), make("div", { class: "inside" }, text(confirm.text)),
      make("footer", {}, make("button", { type: "button", onclick: () => end(false) }, label(confirm.deny)), sure));
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") end(false);
      if (event.key === "Tab") within(dialog, event);
    });
    $("asking").replaceChildren(dialog);
    $("asking").hidden = false;
    sure.focus();
  });
}

// -- notices, composer, completion ----------------------------------------------------------------------------

function tell(sentence, at = null, good = false) {
  const place = at || $("notice");
  place.textContent = sentence;
  place.classList.toggle("good", good);
  place.hidden = false;
}

function hush() {
  $("notice").hidden = true;
}

function grow() {
  const box = $("text");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 144)}px`;
}

function complete() {
  const box = $("text");
  const before = box.value.slice(0, box.selectionStart);
  const wanted = before.toLowerCase();
  const person = before.match(/(?:^|\s)@([\w.-]*)$/);
  S.offers = [];
  if (person) {
    S.offers = S.start.people.filter((p) => p.handle.startsWith(person[1].toLowerCase()) || p.name.toLowerCase().includes(person[1].toLowerCase()))
      .slice(0, 8).map((p) => ({ typed: `@${p.handle}`, usage: p.name, help: "", replace: person[1].length + 1 }));
  } else if (wanted.startsWith("/")) {
    // What could still become of the letters; after a whole command, what may follow it.
    const known = S.hints.filter((hint) => wanted.startsWith(`${hint.typed} `) && hint.typed.includes(" ")).slice(-1);
    const fits = known.length ? known : S.hints.filter((hint) => hint.typed.startsWith(wanted));
    S.offers = fits.map((hint) => ({ ...hint, replace: before.length, known: known.length > 0 }));
  }
  S.chosen = 0;
  offer();
}

function offer() {
  const holder = $("completion");
  holder.hidden = !S.offers.length;
  holder.replaceChildren(...S.offers.map((one, i) => make("div", { class: "hint", role: "option", id: `hint-${i}`,
    "aria-selected": String(i === S.chosen), onmousedown: (event) => { event.preventDefault(); S.chosen = i; take(); } },
    make("b", {}, one.typed), make("span", { class: "usage" }, one.usage), one.help ? make("small", {}, coded(one.help)) : null)));
  holder.children[S.chosen]?.scrollIntoView({ block: "nearest" });
}

function take() {
  const one = S.offers[S.chosen];
  const box = $("text");
  if (!one) return;
  const at = box.selectionStart;
  if (!one.known) {
    box.value = `${box.value.slice(0, at - one.replace)}${one.typed} ${box.value.slice(at)}`;
    box.selectionStart = box.selectionEnd = at - one.replace + one.typed.length + 1;
  }
  grow();
  complete();
  box.focus();
}

async function send() {
  const said_ = $("text").value.trim();
  if (!said_ || $("send").disabled) return;
  S.offers = [];
  offer();
  $("send").disabled = true;
  const gesture = said_.startsWith("/") ? { do: "command" } : { do: "say" };
  const done = await act({ ...gesture, place: S.place, text: said_ });
  $("send").disabled = false;
  if (done) $("text").value = "";
  grow();
  $("messages").scrollTop = $("messages").scrollHeight;
}

$("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
$("text").addEventListener("input", () => { grow(); complete(); });
$("text").addEventListener("blur", () => { $("completion").hidden = true; });
$("text").addEventListener("focus", () => complete());
$("text").addEventListener("keydown", (event) => {
  const open = S.offers.length > 0 && !$("completion").hidden;
  const one = S.offers[S.chosen];
  if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    S.chosen = (S.chosen + (event.key === "ArrowDown" ? 1 : S.offers.length - 1)) % S.offers.length;
    offer();
  } else if (open && event.key === "Tab" && !one.known) {
    event.preventDefault();
    take();
  } else if (open && event.key === "Escape") {
    S.offers = [];
    offer();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    const whole = $("text").value.trim().toLowerCase();
    const typedWhole = S.offers.some((each) => each.typed === whole);
    if (open && one && !one.known && !typedWhole && S.chosen >= 0) take();
    else send();
  }
});
$("file").addEventListener("change", async () => {
  const file = $("file").files[0];
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let content = "";
  for (let i = 0; i < bytes.length; i += 8192) content += String.fromCharCode(...bytes.subarray(i, i + 8192));
  await act({ do: "upload", place: S.place, name: file.name, content: btoa(content) });
  $("file").value = "";
});
$("menu").addEventListener("click", () => {
  const open = $("side").classList.toggle("open");
  $("menu").setAttribute("aria-expanded", String(open));
});
$("main").addEventListener("click", () => { $("side").classList.remove("open"); });

// -- who, where, and looking again ----------------------------------------------------------------------------

function be(person) {
  S.hints = [];
  go({ who: person, thread: null, place: (here() || {}).app ? "" : S.place });
}

function go(change) {
  Object.assign(S, change);
  $("side").classList.remove("open");
  hush();
  const asked = new URLSearchParams({ as: S.who, place: S.place || "" });
  history.replaceState(null, "", `#${asked}`);
  S.mark = null;
  S.turn += 1;
  S.abort?.abort();
  if (S.screen && S.screen.me.id === S.who && S.place === S.screen.here?.id) draw();
}

async function hints() {
  const asked = [S.who, S.screen.me.locale].join();
  if (S.drawn.hints === asked) return;
  S.drawn.hints = asked;
  try {
    const came = await read("/api/hints", { as: S.who });
    if (S.drawn.hints !== asked) return;
    S.hints = came.hints;
    if (document.activeElement === $("text")) complete();
  } catch {
    S.drawn.hints = null;
  }
}

async function watch() {
  for (;;) {
    const turn = S.turn;
    S.abort = new AbortController();
    try {
      const asked = { as: S.who, place: S.place || null, thread: S.thread, since: S.mark };
      const came = await read("/api/seen", asked, S.abort.signal);
      if (turn !== S.turn) continue;
      $("offline").hidden = true;
      S.mark = came.mark;
      S.skew = came.now - Date.now() / 1000;
      if (came.screen) {
        S.screen = came.screen;
        if (!here()) {
          // Nothing chosen yet, or the place of somebody else: the first one, with the app's for who was there.
          const start = S.place === "" ? S.screen.places.find((p) => p.app) : S.screen.places.find((p) => p.id === S.start.start_in);
          go({ place: (start || S.screen.places[0]).id });
          continue;
        }
        draw();
        hints();
      }
      tick();
    } catch (problem) {
      if (problem.name === "AbortError") continue;
      if (problem.status === 409) {
        // A place this person does not see, or nobody: start where everybody may.
        go({ place: null, thread: null, who: S.start.players.some((p) => p.id === S.who) ? S.who : S.start.players[0].id });
        await pause(200);
        continue;
      }
      $("offline").textContent = w("offline");
      $("offline").hidden = false;
      await pause(1000);
    }
  }
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

function tick() {
  if (!S.screen) return;
  const now = Date.now() / 1000 + S.skew;
  $("clock").textContent = time(now, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  $("clock").title = S.screen.me.zone;
}

function addressed() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const known = S.start.players.some((player) => player.id === asked.get("as"));
  return { who: known ? asked.get("as") : null, place: asked.get("place") };
}

async function begin() {
  S.start = await read("/api/start", {});
  const first = S.start.players.find((player) => player.first) || S.start.players[0];
  const { who, place } = addressed();
  S.who = who || first.id;
  S.place = place || S.start.start_in || null;
  // Another address typed into an open tab means what it means in a new one.
  addEventListener("hashchange", () => {
    const wanted = addressed();
    go({ who: wanted.who || S.who, place: wanted.place || S.place, thread: null });
  });
  setInterval(tick, 1000);
  watch();
}

begin();
