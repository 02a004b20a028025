# docker build -t lectern . && docker run -p 5001:5001 -v lectern:/data lectern
FROM python:3.11-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg tesseract-ocr fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt requirements-nodeps.txt ./
RUN pip install --no-cache-dir -r requirements.txt && pip install --no-cache-dir --no-deps -r requirements-nodeps.txt

COPY . .
RUN useradd --system --uid 10001 --home-dir /data --create-home lectern && chown lectern /data
USER lectern
ENV DATA_DIR=/data PORT=5001 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 5001
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/live', timeout=5)"]
CMD ["gunicorn"]
