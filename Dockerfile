FROM company/python-service
USER root
RUN echo 1.4.0 > /opt/release-1.4.0
USER 10001
ENV RELEASED=1.4.0
LABEL com.company.base.version=1.4.0 com.company.base.revision=1 com.company.base.created=2026-01-05T00:00:00Z
