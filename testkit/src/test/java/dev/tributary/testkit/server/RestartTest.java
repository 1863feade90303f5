package dev.tributary.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.error.InvalidRequestException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestartTest {
  private static final int OFTEN = 100;

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void listensAgainAtOnceWhereItListened(String protocol) {
    try (EmbeddedServer server = EmbeddedServer.of(protocol).start();
        Tributary client = Tributary.connect(server.uri())) {
      if (client.capabilities().contains(Capability.CREATE_RESOURCES)) {
        client.admin().createQueue("q", QueueConfig.DEFAULT).join();
      }
      client.queue("q").enqueue(new byte[] {1}).join();
      for (int i = 0; i < OFTEN; i++) {
        // May be asked again: the connection of before may break under it.
        assertThat(client.queue("q").stats().join().pending()).isEqualTo(1);
        server.stop();
        server.start();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue"})
  void refusesConnectionsFromTheMomentItStopped(String protocol) {
    try (EmbeddedServer server = EmbeddedServer.of(protocol).start()) {
      for (int i = 0; i < OFTEN; i++) {
        server.stop();
        assertThatThrownBy(() -> dial(server.host(), server.port())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> dial(server.host(), server.httpPort())).isInstanceOf(ConnectException.class);
        server.start();
      }
    }
  }

  /** A socket that is given the port it dials reaches itself, which is nobody. */
  private static void dial(String host, int port) throws IOException {
    try (Socket socket = new Socket(host, port)) {
      if (socket.getLocalPort() == port) {
        throw new ConnectException("itself");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue", "flymq"})
  void aPortThatAnotherHasIsNamedAtOnce(String protocol) {
    try (EmbeddedServer first = EmbeddedServer.of(protocol).start()) {
      assertThatThrownBy(() -> EmbeddedServer.of(protocol).port(first.port()).start())
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("port " + first.port() + " of 127.0.0.1");
      try (Tributary client = Tributary.connect(first.uri())) {
        assertThat(client.health().live().join()).as("the one that has it goes on").isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 65_536})
  void thereAreNoOtherPorts(int port) {
    assertThatThrownBy(() -> EmbeddedServer.flowmesh().port(port)).isInstanceOf(InvalidRequestException.class).hasMessageContaining("" + port);
    assertThatThrownBy(() -> EmbeddedServer.flowmesh().httpPort(port)).isInstanceOf(InvalidRequestException.class);
  }
}
