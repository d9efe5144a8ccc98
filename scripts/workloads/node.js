// SPDX-License-Identifier: Apache-2.0
// A web service's heap in Node.js: documents, sessions, a rendered page cache, typed arrays.
"use strict";

let state = 1;
function random(n) {  // xorshift: Math.random() has no seed
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}

const cities = ["Berlin", "Cairo", "Hanoi", "Kyoto", "Lagos", "Lima", "Oslo", "Quito"];
const words = require("fs").readFileSync("/usr/share/common-licenses/GPL-3", "utf8").split(/\s+/);

class Session {
  constructor(id) {
    this.id = id;
    this.user = {name: "user" + random(5000), city: cities[random(8)], roles: ["reader"]};
    this.token = Array.from({length: 24}, () => random(16).toString(16)).join("");
    this.seen = new Date(1.7e12 + random(1e9));
    this.cart = Array.from({length: random(6)}, () => ({sku: random(4000), n: 1 + random(4)}));
  }
}

const documents = [];
for (let i = 0; i < 6000; ++i) {
  documents.push(JSON.parse(JSON.stringify({
    id: i, customer: cities[random(8)] + random(900), total: random(1e6) / 100,
    items: Array.from({length: 1 + random(5)}, () => ({sku: "SKU-" + random(4000), price: random(99999)})),
  })));
}
const sessions = new Map();
for (let i = 0; i < 8000; ++i) sessions.set("session:" + i, new Session(i));
for (let i = 0; i < 8000; i += 3) sessions.delete("session:" + i);

const pages = [];
for (let i = 0; i < 1200; ++i) {
  const at = random(words.length - 120);
  const body = words.slice(at, at + 100).join(" ");
  pages.push(Buffer.from(`<!doctype html><html><body><h1>${documents[i].customer}</h1><p>${body}</p></body></html>`));
}
const samples = Float64Array.from({length: 60000}, (_, i) => Math.sin(i / 100) + random(100) / 1000);
const histogram = new Uint32Array(40000).map(() => random(50));

const index = {};
for (const word of words) index[word] = (index[word] || 0) + 1;

console.log("ready");
setInterval(() => [documents, sessions, pages, samples, histogram, index], 1e6);
