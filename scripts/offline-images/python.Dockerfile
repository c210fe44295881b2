# Stand-in for python:3.11-slim-bookworm: Debian's interpreter under the original's name and paths.
FROM nanococoa/debian:bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-pip python3-venv \
 && rm -rf /var/lib/apt/lists/* /usr/lib/python3.11/EXTERNALLY-MANAGED \
 && for name in python python3; do ln -s /usr/bin/python3.11 "/usr/local/bin/$name"; done
ENV PIP_ROOT_USER_ACTION=ignore
CMD ["python3"]
