package dev.tributary.internal.stream;

import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;

/** The rules of Reactive Streams for what a source of events is subscribed with. Run by TestNG on the JUnit platform. */
public final class PublishFromSubscriberTckTest extends FlowSubscriberBlackboxVerification<Event<byte[]>> {
  public PublishFromSubscriberTckTest() {
    super(new TestEnvironment(1000, 50));
  }

  @Override
  @SuppressWarnings("unchecked") // a subscriber of events of bytes
  public Flow.Subscriber<Event<byte[]>> createFlowSubscriber() {
    CompletableFuture<Flow.Subscriber<Event<byte[]>>> subscribed = new CompletableFuture<>();
    Flow.Publisher<Event<byte[]>> source = subscriber -> subscribed.complete((Flow.Subscriber<Event<byte[]>>) subscriber);
    PublishFromTckTest.client().stream("tck").publishFrom(source).subscribe(new Everything());
    return subscribed.join();
  }

  @Override
  public Event<byte[]> createElement(int element) {
    return Event.of(new byte[] {(byte) element});
  }

  private static final class Everything implements Flow.Subscriber<Position> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Position position) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onComplete() {}
  }
}
