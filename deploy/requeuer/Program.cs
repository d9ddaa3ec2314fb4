using Marketplace.Requeuer;

if (args is not [var address, .. var queues] || queues.Length > 1)
{
    Console.Error.WriteLine("Usage: Marketplace.Requeuer amqp://… [QUEUE | dead]");
    return 2;
}

return queues is [var queue]
    ? await ParkedMessages.PutBack(new Uri(address), queue)
    : await ParkedMessages.Count(new Uri(address));
