// Starts the page: who is here, and which of its two views they see.

import { setUpAccount } from "./account.js";
import { createAgain } from "./again.js";
import { createApi, createDoor } from "./api.js";
import { serviceAddress } from "./config.js";
import { setUpDesk } from "./desk.js";
import { byId } from "./dom.js";
import { setUpEntry } from "./entry.js";
import { setUpReveals } from "./forms.js";
import { hideNotice, show } from "./notices.js";
import { createSession } from "./session.js";
import { openStorage } from "./storage.js";

function start(base) {
  const door = createDoor(base);
  const again = createAgain({
    login: async (username, password) => session.begin(username, await door.login(username, password)),
    leave: () => leave("You are logged out."),
  });
  const session = createSession({
    storage: openStorage(),
    key: `task-service:${base.href}`, // tokens of one service never go to another
    renew: door.refresh,
    askAgain: again.ask,
  });
  const api = createApi(base, session);
  const desk = setUpDesk({ api });
  const account = setUpAccount({ api, leave, logOut });
  const entry = setUpEntry({ door, entered });

  function enter(username) {
    entry.hide();
    account.setName(username);
    desk.open(username);
  }

  function entered(username, token) {
    session.begin(username, token);
    hideNotice();
    enter(username);
    byId("desk-title").focus();
  }

  function leave(words) {
    session.end();
    desk.close();
    entry.show();
    byId("entry-title").focus();
    show(words);
  }

  async function logOut() {
    const { refresh } = session.held() ?? {};
    leave("You are logged out.");
    // Without an answer the tokens are forgotten here all the same, and end by themselves.
    const untold = () => show("You are logged out of this browser, but the server could not be told.");
    if (refresh) await door.logout(refresh).catch(untold);
  }

  session.onElsewhere((before, after) => {
    const same = before?.username === after?.username;
    again.settle(same ? after : null);
    if (same) return;
    if (after === null) leave("You were logged out in another tab.");
    else window.location.reload();
  });

  setUpReveals();
  const here = session.held();
  if (here === null) entry.show();
  else enter(here.username);
}

byId("starting").hidden = true;
try {
  const base = serviceAddress(document.querySelector("meta[name=api-base]").content, document.baseURI);
  for (const link of document.querySelectorAll("[data-api]")) link.href = new URL(link.getAttribute("href"), base);
  start(base);
} catch (error) {
  byId("wrong").textContent = `This page is set up wrongly. ${error.message}`;
  byId("wrong").hidden = false;
}
