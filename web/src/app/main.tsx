import "@/styles/app.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ProblemError } from "@/api/client";
import { Live } from "@/api/live";
import { Gate } from "@/app/gate";
import { router } from "@/app/router";
import { apply, followSystem } from "@/lib/preferences";

const ATTEMPTS = 3;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // what the service refuses it will refuse again; what does not answer may answer soon
      retry: (failures, error) =>
        failures < ATTEMPTS && !(error instanceof ProblemError && error.status in REFUSALS),
    },
  },
});
const REFUSALS: Record<number, true> = {
  400: true,
  401: true,
  403: true,
  404: true,
  409: true,
  422: true,
  501: true,
};

apply();
followSystem();
const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <Gate>
          <Live>
            <RouterProvider router={router} />
          </Live>
        </Gate>
      </QueryClientProvider>
    </StrictMode>,
  );
}
