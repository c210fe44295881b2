# Stand-in for nginx:stable: Debian's server with the original's folders, entrypoint and logs.
FROM nanococoa/debian:bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends nginx-light gettext-base curl \
 && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled /etc/nginx/modules-enabled \
 && useradd --system --no-create-home --shell /usr/sbin/nologin nginx \
 && mkdir -p /etc/nginx/conf.d /etc/nginx/templates \
 && ln -sf /dev/stdout /var/log/nginx/access.log \
 && ln -sf /dev/stderr /var/log/nginx/error.log
COPY nginx.conf /etc/nginx/nginx.conf
COPY nginx-entrypoint /docker-entrypoint.sh
EXPOSE 80
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["nginx", "-g", "daemon off;"]
