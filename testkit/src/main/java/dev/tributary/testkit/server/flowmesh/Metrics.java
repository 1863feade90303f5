package dev.tributary.testkit.server.flowmesh;

import dev.tributary.testkit.server.internal.http.MetricsText;
import dev.tributary.testkit.server.internal.http.RequestCounts;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What the server has answered since it was made, for {@code /metrics}. Thread-safe. */
final class Metrics {
  private static final String RPCS = "flowmesh_grpc_requests_total";
  private static final GrpcStatus[] STATUSES = GrpcStatus.values();

  private final Map<String, Calls> rpcs = new ConcurrentSkipListMap<>();
  private final RequestCounts http = new RequestCounts();

  /** The calls of one rpc, by their status. */
  static final class Calls {
    private final LongAdder[] byStatus = new LongAdder[STATUSES.length];

    private Calls() {
      for (int i = 0; i < byStatus.length; i++) {
        byStatus[i] = new LongAdder();
      }
    }

    void ended(GrpcStatus status) {
      byStatus[status.ordinal()].increment();
    }
  }

  /** The counters of the rpc of this name, {@code service/method}. */
  Calls of(String rpc) {
    return rpcs.computeIfAbsent(rpc, unknown -> new Calls());
  }

  void http(String method, int code) {
    http.answered(method, code);
  }

  /** In the text format of Prometheus. */
  String text() {
    MetricsText text = new MetricsText().counter(RPCS, "gRPC calls that ended, by method and status.");
    rpcs.forEach(
        (rpc, calls) -> {
          for (GrpcStatus status : STATUSES) {
            long ended = calls.byStatus[status.ordinal()].sum();
            if (ended > 0) {
              text.sample(RPCS, "method=\"" + rpc + "\",code=\"" + status.name() + '"', ended);
            }
          }
        });
    http.write(text, "flowmesh_http_requests_total");
    return text.toString();
  }
}
