package dev.tributary.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a scrape over HTTP finds, by the names users of the backends know. */
class MetricsTourTest {
  @Test
  void flowMesh() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.flowmesh().start()) {
      String scrape = scrape(server.uri());
      assertThat(types(scrape, "flowmesh"))
          .isEqualTo(
              """
              flowmesh_connection_pool_active gauge
              flowmesh_consume_duration_seconds histogram
              flowmesh_consume_requests_total counter
              flowmesh_enqueue_duration_seconds histogram
              flowmesh_enqueue_requests_total counter\
              """);
      String queue = "messaging_destination_name=\"default/default/mails\"";
      String scope = "otel_scope_name=\"dev.tributary\"";
      assertThat(scrape.lines())
          .contains(
              "flowmesh_enqueue_requests_total{" + queue + "," + scope + "} 2.0",
              "flowmesh_enqueue_duration_seconds_count{" + queue + "," + scope + "} 2",
              "flowmesh_consume_requests_total{" + queue + "," + scope + "} 3.0",
              "flowmesh_consume_duration_seconds_count{" + queue + ",messaging_operation_name=\"ack\"," + scope + "} 3",
              "flowmesh_connection_pool_active{" + scope + ",server_address=\"127.0.0.1\",server_port=\"" + server.port() + "\"} 1.0");
    }
  }

  @Test
  void disheap() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.disheap().start()) {
      String scrape = scrape(server.uri());
      assertThat(types(scrape, "disheap"))
          .isEqualTo(
              """
              disheap_connection_pool_active gauge
              disheap_consume_duration_seconds histogram
              disheap_consume_requests_total counter
              disheap_enqueue_duration_seconds histogram
              disheap_enqueue_requests_total counter
              disheap_lease_extensions_total counter\
              """);
      assertThat(scrape.lines()).anyMatch(line -> line.startsWith("disheap_enqueue_requests_total{") && line.endsWith("} 2.0"));
      assertThat(scrape.lines()).anyMatch(line -> line.startsWith("disheap_consume_requests_total{") && line.endsWith("} 3.0"));
      assertThat(scrape.lines()).anyMatch(line -> line.startsWith("disheap_lease_extensions_total{") && line.endsWith("} 3.0"));
      assertThat(scrape.lines()).anyMatch(line -> line.startsWith("disheap_connection_pool_active{") && !line.endsWith("} 0.0"));
    }
  }

  @Test
  void memory() throws Exception {
    String scrape = scrape("memory:");
    assertThat(types(scrape, "memory"))
        .as("no connections")
        .isEqualTo(
            """
            memory_consume_duration_seconds histogram
            memory_consume_requests_total counter
            memory_enqueue_duration_seconds histogram
            memory_enqueue_requests_total counter
            memory_lease_extensions_total counter\
            """);
    assertThat(scrape.lines()).anyMatch(line -> line.startsWith("memory_lease_extensions_total{") && line.endsWith("} 3.0"));
  }

  /** Of the metrics named after the backend: names and types, in order. */
  private static String types(String scrape, String backend) {
    return scrape
        .lines()
        .filter(line -> line.startsWith("# TYPE " + backend + "_"))
        .map(line -> line.substring("# TYPE ".length()))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static String scrape(String uri) throws Exception {
    while (true) {
      try {
        return MetricsTour.run(uri, freePort());
      } catch (RuntimeException failed) {
        // Another process may have been faster to take the port.
        if (Stream.iterate((Throwable) failed, why -> why != null, Throwable::getCause).noneMatch(BindException.class::isInstance)) {
          throw failed;
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
