package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** FlyMQ's public server: all that the contracts say but what its faults make impossible, which is said here. */
final class ShippedFlyMqTest {
  @Nested
  class Streams extends StreamContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.shipped();
    }
  }

  @Nested
  class Schemas extends SchemaContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.shipped();
    }

    /** There the latest version is not deleted while there are older ones: afterwards it would go down when it is asked for the latest. */
    @Override
    @Test
    void aDeletedVersionIsGone() {
      String subject = fresh("subject");
      get(client().schemas().register(subject, SchemaFormat.JSON, "{}"));
      get(client().schemas().register(subject, SchemaFormat.JSON, "{\"type\":\"object\"}"));
      failure(UnsupportedFeatureException.class, client().schemas().delete(subject, 2));
      get(client().schemas().delete(subject, 1));
      failure(NotFoundException.class, client().schemas().version(subject, 1));
      assertThat(get(client().schemas().latest(subject)).version()).isEqualTo(2);
      get(client().schemas().delete(subject, 2));
      assertThat(get(client().schemas().versions(subject))).isEmpty();
    }

    /** There nobody is told where it is. */
    @Override
    @Test
    void anEventIsStoredIfItMatchesTheSchemaThatItNames() {
      EventStream<String> stream = stream();
      String subject = fresh("subject");
      Event.Builder<String> good = Event.builder("{\"id\":1}").schema(subject);
      failure(NotFoundException.class, stream.publish(good.build()));
      get(client().schemas().register(subject, SchemaFormat.JSON, "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\"}}}"));
      assertThat(get(stream.publish(good.build()))).isEqualTo(new Position(-1, -1));
      failure(SchemaRejectedException.class, stream.publish(Event.builder("{\"id\":\"one\"}").schema(subject).build()));
      assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("{\"id\":1}");
    }
  }

  @Nested
  class Administration extends AdminContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.shipped();
    }
  }

  @Nested
  class BadInput extends BadInputContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.shipped();
    }
  }

  @Nested
  class Transactions extends TransactionContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.shipped();
    }
  }

  @Nested
  class Faults extends FaultContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.shippedOnSystemTime();
    }
  }
}
