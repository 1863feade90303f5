package dev.tributary.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class TributaryExceptionTest {
  private final IOException cut = new IOException("cut");
  private final TributaryException shared = new ConnectionFailedException(ErrorInfo.of("no connection", "Look at the server").causedBy(cut));

  @Test
  void oneFaultBecomesAnErrorForEachCall() {
    TributaryException publish = shared.at("flowmesh", "publish", "orders");
    TributaryException ack = shared.at("flowmesh", "ack", "jobs").orMaybeApplied();
    assertThat(publish).isNotSameAs(ack).isInstanceOf(ConnectionFailedException.class).hasCause(cut);
    assertThat(publish).hasMessage("publish on orders (flowmesh): no connection. Look at the server");
    assertThat(publish.maybeApplied()).isFalse();
    assertThat(ack).hasMessage("ack on jobs (flowmesh): no connection. Look at the server").hasCause(cut);
    assertThat(ack.maybeApplied()).isTrue();
    assertThat(ack.getStackTrace()).isEqualTo(shared.getStackTrace());
    assertThat(shared).hasMessage("no connection. Look at the server");
    assertThat(shared.maybeApplied()).isFalse();
  }

  @Test
  void theFirstToSayThePlaceWins() {
    TributaryException placed = shared.at("flowmesh", "publish", null);
    assertThat(placed.at("other", "other", "orders")).hasMessageStartingWith("publish on orders (flowmesh)");
    assertThat(placed.at("other", "other", null)).isSameAs(placed);
  }

  @Test
  void aCopyKeepsWhatItsClassKnows() {
    var partial = new PartialFailureException(ErrorInfo.of("some", ""), List.of());
    assertThat(((PartialFailureException) partial.at("memory", "publish", "orders")).outcomes()).isEmpty();
  }

  @Test
  void surviveSerialization() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(shared.at("flowmesh", "publish", "orders"));
    }
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat((TributaryException) in.readObject()).hasMessageStartingWith("publish on orders (flowmesh)");
    }
  }
}
