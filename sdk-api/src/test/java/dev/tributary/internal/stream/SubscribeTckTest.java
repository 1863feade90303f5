package dev.tributary.internal.stream;

import dev.tributary.config.ClientConfig;
import dev.tributary.internal.Client;
import dev.tributary.internal.CountingSource;
import dev.tributary.internal.ScriptedTransport;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;

/** The rules of Reactive Streams, checked by their own kit. Run by TestNG on the JUnit platform. */
public final class SubscribeTckTest extends FlowPublisherVerification<Message<byte[]>> {
  private final ExecutorService wire = Executors.newSingleThreadExecutor();

  public SubscribeTckTest() {
    super(new TestEnvironment(1000, 50), 1000);
  }

  @AfterClass
  void stop() {
    wire.shutdown();
  }

  @Override
  public Flow.Publisher<Message<byte[]>> createFlowPublisher(long elements) {
    return publisher(client(elements));
  }

  @Override
  public Flow.Publisher<Message<byte[]>> createFailedFlowPublisher() {
    Client client = client(0);
    client.close();
    return publisher(client);
  }

  private Client client(long elements) {
    ScriptedTransport transport = new ScriptedTransport();
    transport.onSubscribe =
        (spec, observer) -> new CountingSource<>(observer, offset -> ScriptedTransport.message(0, offset), elements, wire);
    return new Client(transport, ClientConfig.builder("scripted").build());
  }

  private static Flow.Publisher<Message<byte[]>> publisher(Client client) {
    return client.stream("tck").subscribe(SubscribeOptions.builder().start(StartAt.earliest()).prefetch(8).build());
  }
}
