// Parts of a page that take their time are fetched when the page is there. A link with data-part
// leads to the page with that part in it, so without this script it is one more click.

async function fetchPart(link) {
  const place = document.getElementById(link.dataset.part);
  if (!place) return;
  const words = document.createElement("p");
  words.className = "busy";
  words.setAttribute("role", "status");
  words.textContent = link.dataset.busy || "This takes a moment …";
  link.replaceWith(words);
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = answer.ok ? page.getElementById(place.id) : null;
    if (found) {
      place.replaceWith(found);
      offerCopies(found);
    } else {
      const said = page.querySelector("main p");
      words.className = "note bad";
      words.textContent = said ? said.textContent : "This could not be told.";
    }
  } catch {
    words.className = "note bad";
    words.textContent = "The server did not answer; load the page again.";
  }
}

function offerCopies(root) {
  for (const box of root.querySelectorAll(".copy")) {
    const button = box.querySelector("button");
    if (!navigator.clipboard || !button) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(box.querySelector("code").textContent.trim());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      seen.unobserve(entry.target);
      fetchPart(entry.target);
    }
  }
}, { rootMargin: "200px" });

for (const link of document.querySelectorAll("a[data-part]")) seen.observe(link);
offerCopies(document);
