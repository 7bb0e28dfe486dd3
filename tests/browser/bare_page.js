// A widget that shows nothing: this page's clients for a test.

import { PageClients } from "../../lessons_src/wirelab/clients/page_clients.js";

export default () => {
  let page;
  return {
    initialize({ model }) { page = new PageClients(model); },
    render({ el }) {
      el.textContent = "This page's clients";
      page.appear();
      return () => page.vanish();
    },
  };
};
