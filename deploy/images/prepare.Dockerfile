# Makes passwords, keys and settings at the first start. Holds bash and openssl, as the database's image does.
ARG POSTGRES_IMAGE=postgres:15
FROM ${POSTGRES_IMAGE}
# Root, so that it can hand each file to the user that may read it.
USER 0:0
RUN command -v openssl >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends openssl; }
COPY deploy/parts /marketplace/deploy/parts
COPY deploy/images/prepare /marketplace/deploy/images/prepare
COPY shared/Contracts/EventRoutes.cs /marketplace/shared/Contracts/EventRoutes.cs
ENTRYPOINT ["bash", "/marketplace/deploy/images/prepare"]
