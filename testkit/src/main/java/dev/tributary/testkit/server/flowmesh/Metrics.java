package dev.tributary.testkit.server.flowmesh;

import io.vertx.grpc.common.GrpcStatus;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What the server has answered since it was made, for {@code /metrics}. Thread-safe. */
final class Metrics {
  private static final GrpcStatus[] STATUSES = GrpcStatus.values();
  /** Labels are bounded, whatever methods clients make up. */
  private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

  private final Map<String, Calls> rpcs = new ConcurrentSkipListMap<>();
  private final Map<String, LongAdder> http = new ConcurrentSkipListMap<>();

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
    String labels = "method=\"" + (METHODS.contains(method) ? method : "OTHER") + "\",code=\"" + code + '"';
    http.computeIfAbsent(labels, unknown -> new LongAdder()).increment();
  }

  /** In the text format of Prometheus. */
  String text() {
    StringBuilder text = new StringBuilder();
    counter(text, "flowmesh_grpc_requests_total", "gRPC calls that ended, by method and status.");
    rpcs.forEach(
        (rpc, calls) -> {
          for (GrpcStatus status : STATUSES) {
            long ended = calls.byStatus[status.ordinal()].sum();
            if (ended > 0) {
              sample(text, "flowmesh_grpc_requests_total", "method=\"" + rpc + "\",code=\"" + status.name() + '"', ended);
            }
          }
        });
    counter(text, "flowmesh_http_requests_total", "HTTP requests that were answered, by method and status.");
    http.forEach((labels, answered) -> sample(text, "flowmesh_http_requests_total", labels, answered.sum()));
    return text.toString();
  }

  private static void counter(StringBuilder text, String name, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ").append(name).append(" counter\n");
  }

  private static void sample(StringBuilder text, String name, String labels, long value) {
    text.append(name).append('{').append(labels).append("} ").append(value).append('\n');
  }
}
