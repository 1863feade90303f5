package dev.tributary.internal.stream;

import dev.tributary.config.ClientConfig;
import dev.tributary.internal.Client;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.stream.Position;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** The rules of Reactive Streams for the positions of a source's events. Run by TestNG on the JUnit platform. */
public final class PublishFromTckTest extends FlowPublisherVerification<Position> {
  public PublishFromTckTest() {
    super(new TestEnvironment(1000, 50), 1000);
  }

  @Override
  public Flow.Publisher<Position> createFlowPublisher(long elements) {
    return client().stream("tck").publishFrom(new ListedEvents(elements, 1));
  }

  @Override
  public Flow.Publisher<Position> createFailedFlowPublisher() {
    Client client = client();
    client.close();
    return client.stream("tck").publishFrom(new ListedEvents(1, 1));
  }

  static Client client() {
    ScriptedTransport transport = new ScriptedTransport();
    transport.onPublish = events -> ScriptedTransport.stored(0, events.size());
    return new Client(transport, ClientConfig.builder("scripted").build());
  }
}
