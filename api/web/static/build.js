// Shows how a build goes while it goes. Without this script the page loads itself again.

const WORDS = { queued: "It waits for its turn.", running: "It is being built." };
const live = document.getElementById("live");

function follow() {
  const progress = document.getElementById("progress");
  const stage = document.getElementById("stage");
  const log = document.querySelector("#log code");
  const seen = Number(live.dataset.seen);
  const source = new EventSource(live.dataset.events);

  const write = (event, words) => {
    if (Number(event.lastEventId) <= seen) return; // the page has it already
    log.append(`${JSON.parse(event.data).time}  ${words}\n`);
  };

  source.addEventListener("stage", (event) => {
    const said = JSON.parse(event.data);
    progress.max = said.total;
    progress.value = said.done;
    stage.textContent = said.stage;
    write(event, `${said.stage} (${said.done} of ${said.total})`);
  });
  source.addEventListener("log", (event) => write(event, JSON.parse(event.data).line));
  source.addEventListener("state", (event) => {
    const said = JSON.parse(event.data);
    const state = document.getElementById("state");
    state.textContent = said.state;
    state.className = `badge state state-${said.state}`;
    document.getElementById("words").textContent = WORDS[said.state] ?? "";
    write(event, said.state);
    if (["done", "failed", "cancelled"].includes(said.state)) {
      source.close();
      location.reload();
    }
  });
}

if (live) follow();
