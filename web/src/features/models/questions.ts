/** What the Models page asks. */
import { answered, service } from "@/api/client";
import { type Shapes, useAsked, useListed } from "@/api/queries";

export type Model = Shapes["ListedModel"];
export type Card = Shapes["ModelOut"];
export type GapRow = Awaited<ReturnType<typeof askGap>>["items"][number];
export type Monitor = Shapes["MonitorOut"];

export const useModels = () =>
  useListed<"/api/v1/members">(["models"], (after) =>
    answered(
      service.GET("/api/v1/members", {
        params: { query: { limit: 200, ...(after ? { after } : {}) } },
      }),
    ),
  );

export const useCard = (artefact: string | undefined) =>
  useAsked(
    ["models", artefact],
    () =>
      answered(
        service.GET("/api/v1/members/{artefact}", {
          params: { path: { artefact: artefact ?? "" } },
        }),
      ),
    { isOn: artefact !== undefined },
  );

export const useMonitors = () =>
  useAsked(["monitors"], () =>
    answered(service.GET("/api/v1/monitors", { params: { query: { limit: 500 } } })),
  );

/** How each member did on issued signals, on outcomes it had not learned from. */
export const useRecordOfMembers = () =>
  useAsked(["track", "member"], () =>
    answered(service.GET("/api/v1/track", { params: { query: { by: "member" } } })),
  );

const askGap = () => answered(service.GET("/api/v1/track/gap"));

export const useGap = () => useAsked(["track", "gap"], askGap);
