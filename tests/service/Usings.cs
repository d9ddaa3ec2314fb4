global using Marketplace.Contracts;
global using Xunit;
