# One of the four programs, named by SERVICE. The build stage knows no name, so it runs once for all of them.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

FROM ${SDK_IMAGE} AS build
RUN command -v npm >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends npm; }
WORKDIR /source
COPY Directory.*.props global.json .editorconfig ./
COPY services services
COPY shared shared
COPY deploy deploy
RUN dotnet build deploy/parts/publish.proj -nologo -v quiet -p:RestoreLockedMode=true

FROM ${RUNTIME_IMAGE}
ARG SERVICE
ENV SERVICE=${SERVICE} ASPNETCORE_ENVIRONMENT=Production DOTNET_EnableDiagnostics=0
COPY --from=build /source/services/${SERVICE}/bin/Release/net10.0/publish /program
COPY deploy/images/start-service deploy/images/check-health /
WORKDIR /program
USER 1654:1654
ENTRYPOINT ["/start-service"]
